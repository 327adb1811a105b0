package source_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/source"
)

type town struct {
	ID   int
	Name string
}

func rejectable(text string) source.Opener {
	return func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
}

// What is rejected is read again once it is corrected: the header is there, and each record is as it was.
func TestRejectedRecordsAreReadAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rejected.jsonl")
	src := source.CSV[town](rejectable("name,id\r\nAachen,1\r\n\"x\ny\",two\r\nKöln,3\r\nM\xfcnchen,4\r\n<end>,five")).OnError(source.RejectFile(path).Keep)
	rows, err := src.Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []town{{1, "Aachen"}, {3, "Köln"}}, rows)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())
	kept, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(kept), `"line":4,"column":4,"column_name":"id","reason":"`)
	require.Contains(t, string(kept), `"header":"name,id\r\n","record":"\"x\ny\",two\r\n"}`)
	require.Contains(t, string(kept), `"record":"<end>,five"}`)

	again := source.CSV[town](source.Rejects(path))
	_, err = again.Rows().Collect(t.Context())
	require.ErrorContains(t, err, "the records of "+path+":3:4: ", "as long as they are not corrected")
	fixed := strings.NewReplacer("two", "2", "five", "5", `{"base64":"Tfxu`, `{"base64":"TfVu`).Replace(string(kept))
	require.NoError(t, os.WriteFile(path, []byte(fixed+"\n"+`{"at":"2026-01-`), 0o600)) // whoever wrote on was killed
	rows, err = again.OnError(source.SkipText).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []town{{2, "x\ny"}, {5, "<end>"}}, rows)
}

func TestRejectedLinesOfJSON(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rejected.jsonl")
	bad := source.JSONL[town](rejectable("{\"ID\": 1, \"Name\": \"a\"}\n{\"ID\": x}\nnonsense")).OnError(source.RejectFile(path).Keep)
	rows, err := bad.Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, rows, 1)
	text, err := source.Rejects(path)(t.Context())
	require.NoError(t, err)
	records, err := io.ReadAll(text)
	require.NoError(t, err)
	require.NoError(t, text.Close())
	require.Equal(t, "{\"ID\": x}\nnonsense\n", string(records))
}

func TestWhatIsNoFileOfRejectedRecords(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rejected.jsonl")
	read := func() error {
		_, err := source.CSV[town](source.Rejects(path)).Rows().Collect(t.Context())
		return err
	}
	require.ErrorIs(t, read(), os.ErrNotExist)
	require.ErrorContains(t, read(), "there is none if nothing was rejected")
	reject := source.RejectFile(path).Keep
	require.NoError(t, reject(t.Context(), &source.TextError{Header: []byte("id,name\n"), Record: []byte("1,a"), Err: io.ErrNoProgress}))
	require.NoError(t, reject(t.Context(), &source.TextError{Header: []byte("id,name"), Record: []byte("2,b\n"), Err: io.ErrNoProgress}))
	require.NoError(t, read(), "the end of the line does not matter")
	require.NoError(t, reject(t.Context(), &source.TextError{Header: []byte("name,id\n"), Record: []byte("1,a\n"), Err: io.ErrNoProgress}))
	require.ErrorContains(t, read(), path+":3: the record is from a text with another header")
	require.NoError(t, os.WriteFile(path, []byte("{\"record\": 1}\n"), 0o600))
	require.ErrorContains(t, read(), path+":1: the line is no rejected record")

	dir := t.TempDir()
	require.ErrorContains(t, source.RejectFile(dir).Keep(t.Context(), &source.TextError{Err: io.ErrNoProgress}), "the file of rejected records")
}

// Correcting nothing and reading it back into the file itself would never end.
func TestAFileOfRejectedRecordsDoesNotGrowByItself(t *testing.T) {
	t.Chdir(t.TempDir())
	bad := "id,name\nx,a\n2,b\ny,c\n"
	_, err := source.CSV[town](rejectable(bad)).OnError(source.RejectFile("rejected.jsonl").Keep).Rows().Collect(t.Context())
	require.NoError(t, err)
	before, err := os.ReadFile("rejected.jsonl")
	require.NoError(t, err)
	require.NoError(t, os.Link("rejected.jsonl", "other name.jsonl"))

	for _, name := range []string{"rejected.jsonl", "other name.jsonl"} {
		again := source.RejectFile("rejected.jsonl").AtMost(-1)
		for _, src := range []rx.Observable[town]{
			source.CSV[town](source.Rejects(name)).OnError(again.Keep).Rows(),
			source.JSONL[town](source.File(name)).OnError(again.Keep).Rows(),
			source.JSONL[town](func(context.Context) (io.ReadCloser, error) { return os.Open(name) }).OnError(again.Keep).Rows(),
		} {
			_, err = src.Collect(t.Context())
			require.ErrorContains(t, err, "rejected.jsonl is the file that is read")
			require.ErrorIs(t, err, cql.Malformed)
		}
		_, err = source.DeadLetters[town](name).OnError(again.Keep).Letters().Collect(t.Context())
		require.ErrorContains(t, err, "rejected.jsonl is the file that is read")
		require.Zero(t, again.Count())
	}
	after, err := os.ReadFile("rejected.jsonl")
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))

	// A function that appends by itself, which nobody can know, reads what was there.
	grows := func(ctx context.Context, e *source.TextError) error {
		return source.RejectFile("rejected.jsonl").Keep(ctx, &source.TextError{Header: e.Header, Record: e.Record, Err: e.Err})
	}
	n := 0
	_, err = source.CSV[town](source.Rejects("rejected.jsonl")).OnError(func(ctx context.Context, e *source.TextError) error {
		n++
		return grows(ctx, e)
	}).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, n)
}

func TestNotAnyNumberOfRecordsIsRejected(t *testing.T) {
	bad := "id,name\n" + strings.Repeat("x,a\n", 500)
	path := filepath.Join(t.TempDir(), "rejected.jsonl")
	for most, want := range map[int64]int64{0: 1, 7: 8, 499: 500, 500: 500, 501: 500, -1: 500, 100: 101} {
		rejected := source.RejectFile(path)
		if most != 100 { // which is the default
			rejected = rejected.AtMost(most)
		}
		_, err := source.CSV[town](rejectable(bad)).OnError(rejected.Keep).Rows().Collect(t.Context())
		if want == 500 && most != 499 {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, source.ErrTooManyRejected)
			require.ErrorIs(t, err, cql.Malformed)
			require.ErrorContains(t, err, fmt.Sprintf("%d, which are in %s; the last: %d:1: ", want, path, want+1))
		}
		require.Equal(t, want, rejected.Count())
		require.NoError(t, os.Remove(path))
	}
}

// FuzzRejects keeps any header and record as they are.
func FuzzRejects(f *testing.F) {
	f.Add("id,name\n", "1,\xff")
	f.Fuzz(func(t *testing.T, header, record string) {
		path := filepath.Join(t.TempDir(), "rejected.jsonl")
		e := &source.TextError{Header: []byte(header), Record: []byte(record), Err: io.ErrNoProgress}
		require.NoError(t, source.RejectFile(path).Keep(t.Context(), e))
		text, err := source.Rejects(path)(t.Context())
		require.NoError(t, err)
		got, err := io.ReadAll(text)
		require.NoError(t, err)
		require.NoError(t, text.Close())
		require.Equal(t, strings.TrimSuffix(header, "\n")+"\n"+strings.TrimSuffix(record, "\n")+"\n", string(got))
	})
}
