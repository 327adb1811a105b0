package source_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

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
	src := source.CSV[town](rejectable("name,id\r\nAachen,1\r\n\"x\ny\",two\r\nKöln,3\r\nM\xfcnchen,4\r\n<end>,five")).OnError(source.RejectFile(path))
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
	bad := source.JSONL[town](rejectable("{\"ID\": 1, \"Name\": \"a\"}\n{\"ID\": x}\nnonsense")).OnError(source.RejectFile(path))
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
	reject := source.RejectFile(path)
	require.NoError(t, reject(t.Context(), &source.TextError{Header: []byte("id,name\n"), Record: []byte("1,a"), Err: io.ErrNoProgress}))
	require.NoError(t, reject(t.Context(), &source.TextError{Header: []byte("id,name"), Record: []byte("2,b\n"), Err: io.ErrNoProgress}))
	require.NoError(t, read(), "the end of the line does not matter")
	require.NoError(t, reject(t.Context(), &source.TextError{Header: []byte("name,id\n"), Record: []byte("1,a\n"), Err: io.ErrNoProgress}))
	require.ErrorContains(t, read(), path+":3: the record is from a text with another header")
	require.NoError(t, os.WriteFile(path, []byte("{\"record\": 1}\n"), 0o600))
	require.ErrorContains(t, read(), path+":1: the line is no rejected record")

	dir := t.TempDir()
	require.ErrorContains(t, source.RejectFile(dir)(t.Context(), &source.TextError{Err: io.ErrNoProgress}), "the file of rejected records")
}

// FuzzRejects keeps any header and record as they are.
func FuzzRejects(f *testing.F) {
	f.Add("id,name\n", "1,\xff")
	f.Fuzz(func(t *testing.T, header, record string) {
		path := filepath.Join(t.TempDir(), "rejected.jsonl")
		e := &source.TextError{Header: []byte(header), Record: []byte(record), Err: io.ErrNoProgress}
		require.NoError(t, source.RejectFile(path)(t.Context(), e))
		text, err := source.Rejects(path)(t.Context())
		require.NoError(t, err)
		got, err := io.ReadAll(text)
		require.NoError(t, err)
		require.NoError(t, text.Close())
		require.Equal(t, strings.TrimSuffix(header, "\n")+"\n"+strings.TrimSuffix(record, "\n")+"\n", string(got))
	})
}
