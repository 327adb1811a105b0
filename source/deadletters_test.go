package source_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/typetest"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// bury writes rows to a file of dead letters.
func bury[T any](t testing.TB, path string, err error, rows ...T) {
	t.Helper()
	letters := operators.Map(rx.From(rows...), func(row T) operators.Failure[T] {
		return operators.Failure[T]{Item: row, Err: err, Attempts: 1}
	})
	require.NoError(t, sink.DeadLetterFile[T](path)(t.Context(), letters))
}

func itemsOf[T any](t testing.TB, path string) []T {
	t.Helper()
	rows, err := operators.Map(source.DeadLetters[T](path).Letters(), func(f operators.Failure[T]) T { return f.Item }).Collect(t.Context())
	require.NoError(t, err)
	return rows
}

// Schematic rows keep every byte of every CQL type, and so do the values of rows without a struct.
func TestDeadLettersKeepValuesOfEveryType(t *testing.T) {
	folder := t.TempDir()
	var rows []source.Row
	for _, c := range typetest.All {
		values := []map[string]any{{"v": nil}}
		for _, v := range c.Values {
			values = append(values, map[string]any{"v": v.Go})
			cell, err := c.Type.Marshal(v.Go)
			require.NoError(t, err)
			for _, cell := range [][]byte{cell, nil, {}} {
				var row source.Row
				require.NoError(t, row.UnmarshalRow([]cql.Column{{Name: "v", Type: c.Type}}, [][]byte{cell}))
				rows = append(rows, row)
			}
		}
		path := filepath.Join(folder, "values.jsonl")
		bury(t, path, cql.Invalid, values...)
		for i, got := range itemsOf[map[string]any](t, path) {
			require.True(t, typetest.Equal(values[i], got), "%s: %v became %v", c.CQL, values[i], got)
		}
		require.NoError(t, os.Remove(path))
	}
	path := filepath.Join(folder, "rows.jsonl")
	bury(t, path, cql.Invalid, rows...)
	got := itemsOf[source.Row](t, path)
	require.Len(t, got, len(rows))
	for i, row := range rows {
		require.True(t, row.Equal(got[i]), "%v became %v", row, got[i])
	}
}

func TestDeadLettersOfOneTableShareTheirColumns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dead.jsonl")
	columns := []cql.Column{{Name: "k", Type: cql.Type{Kind: cql.Int}}}
	rows := make([]source.Row, 3)
	for i := range rows {
		require.NoError(t, rows[i].UnmarshalRow(columns, [][]byte{{0, 0, 0, byte(i)}}))
	}
	bury(t, path, cql.Invalid, rows...)
	got := itemsOf[source.Row](t, path)
	require.Same(t, &got[0].Columns()[0], &got[2].Columns()[0])
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(text), `"columns":[{"name":"k","cql":"int","type":{"kind":9}}],"cells":["AAAAAg=="],"shown":{"k":2}`)
}

func TestALetterTellsWhy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dead.jsonl")
	late := &sink.WriteError{Table: "shop.items", Row: 17, Attempts: 5, Class: cql.WriteTimeout, Err: cql.WriteTimeout, Timestamp: 12345}
	bury(t, path, late, 1)
	bury(t, path, &sink.WriteError{Table: "shop.items", Row: 18, Class: cql.Malformed, Err: cql.Malformed}, 2)
	letters, err := source.DeadLetters[int](path).Letters().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, letters, 2)
	require.Equal(t, 1, letters[0].Item)
	require.Equal(t, 5, letters[0].Attempts)
	var dead *source.DeadLetter
	require.ErrorAs(t, letters[0].Err, &dead)
	require.NotZero(t, dead.At)
	dead.At = letters[1].Err.(*source.DeadLetter).At
	require.Equal(t, &source.DeadLetter{
		At: dead.At, Table: "shop.items", Row: 17, Class: cql.WriteTimeout, Attempts: 5,
		Reason: "sink: shop.items: row 17 of the stream, after 5 attempts: write timeout", Timestamp: 12345,
	}, dead)
	require.EqualValues(t, 12345, dead.WriteTimestamp())
	require.ErrorIs(t, letters[0].Err, cql.WriteTimeout)
	require.True(t, letters[1].Err.(*source.DeadLetter).Malformed)
	require.Equal(t, cql.Malformed, cql.ClassOf(letters[1].Err))
}

func TestFilesOfDeadLettersThatAreDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dead.jsonl")
	_, err := source.DeadLetters[int](path).Letters().Collect(t.Context())
	require.ErrorIs(t, err, os.ErrNotExist)

	bury(t, path, cql.Invalid, 1, 2)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, text[:len(text)-10], 0o600)) // killed while it wrote
	require.Equal(t, []int{1}, itemsOf[int](t, path))
	bury(t, path, cql.Invalid, 3)
	require.Equal(t, []int{1, 3}, itemsOf[int](t, path), "the line that was cut off stands alone")

	require.NoError(t, os.WriteFile(path, []byte("\n\n"+string(text)+"nonsense\n"), 0o600))
	letters, err := source.DeadLetters[int](path).Letters().Collect(t.Context())
	require.Len(t, letters, 2)
	var damaged *source.TextError
	require.ErrorAs(t, err, &damaged)
	require.EqualValues(t, 5, damaged.Line)
	require.ErrorIs(t, err, cql.Malformed)

	_, err = source.DeadLetters[string](path).Letters().Collect(t.Context())
	require.ErrorContains(t, err, path+":3:1: the row: it is no string")
}

func TestReadingDeadLettersObeysTheContract(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dead.jsonl")
	bury(t, path, cql.Invalid, 0, 1, 2, 3, 4)
	rxtest.Source(t, rxtest.Case[int]{
		New: func() rx.Observable[int] {
			return operators.Map(source.DeadLetters[int](path).Letters(), func(f operators.Failure[int]) int { return f.Item })
		},
		Want: upTo(5),
	})
}

func TestSeveralRunsMayWriteToOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dead.jsonl")
	to := sink.DeadLetterFile[string](path)
	results := make(chan error, 8)
	for range cap(results) {
		go func() {
			letters := operators.Map(rx.Range(0, 100), func(n int) operators.Failure[string] {
				return operators.Failure[string]{Item: strings.Repeat("x", n*100), Err: cql.Invalid}
			})
			results <- to(context.Background(), letters)
		}()
	}
	for range cap(results) {
		require.NoError(t, <-results)
	}
	require.Len(t, itemsOf[string](t, path), 800)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestAFileOfDeadLettersThatCannotBeWritten(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "dead.jsonl")
	require.NoError(t, sink.DeadLetterFile[int](path)(t.Context(), rx.Empty[operators.Failure[int]]()))
	require.Empty(t, itemsOf[int](t, path), "there is a file, in which there are none")
	_, missing := source.DeadLetters[int](path + "x").Letters().Collect(t.Context())
	require.ErrorIs(t, missing, os.ErrNotExist)
	letter := rx.From(operators.Failure[int]{Err: cql.Invalid})
	require.ErrorContains(t, sink.DeadLetterFile[int](folder)(t.Context(), letter), "the file of the dead letters")
	require.ErrorIs(t, sink.DeadLetterFile[int](filepath.Join(folder, "none", "x"))(t.Context(), letter), os.ErrNotExist)
	unkept := rx.From(operators.Failure[any]{Item: make(chan int), Err: cql.Invalid})
	require.ErrorContains(t, sink.DeadLetterFile[any](path)(t.Context(), unkept), "cannot be kept in a file")
}

// A struct has got a field and lost another since, and a full disk has left half a line in front of another.
func TestFilesOfDeadLettersThatAreNotAsTheyWere(t *testing.T) {
	type before struct {
		K, V int
		Old  string
	}
	type after struct {
		K, V int
		Note *string
	}
	path := filepath.Join(t.TempDir(), "dead.jsonl")
	bury(t, path, cql.Invalid, before{1, 2, "x"}, before{3, 4, "y"})
	_, err := source.DeadLetters[after](path).Letters().Collect(t.Context())
	require.ErrorContains(t, err, "a field Note, which is not in the file; read it as the type that was written, or be lenient")
	rows, err := source.DeadLetters[after](path).Lenient().Letters().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, after{3, 4, nil}, rows[1].Item)

	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, append([]byte(`{"at":"2026-01-01T00:00:00Z","ta`), text...), 0o600))
	var wrong []*source.TextError
	letters := source.DeadLetters[before](path).OnError(func(_ context.Context, e *source.TextError) error {
		wrong = append(wrong, e)
		return nil
	})
	left, err := letters.Letters().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, left, 1)
	require.Equal(t, before{3, 4, "y"}, left[0].Item)
	require.Len(t, wrong, 1)
	require.EqualValues(t, 1, wrong[0].Line)
	require.NotContains(t, wrong[0].Error(), "2026")

	stop := errors.New("stop")
	_, err = letters.OnError(func(context.Context, *source.TextError) error { return stop }).Letters().Collect(t.Context())
	require.ErrorIs(t, err, stop)
}
