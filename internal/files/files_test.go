package files_test

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/files"
)

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	all := []string{}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestAFileIsThereAsAWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o644))

	d, err := files.Create(path, files.Private)
	require.NoError(t, err)
	_, err = io.WriteString(d, "new")
	require.NoError(t, err)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "old", string(text))
	require.NoError(t, d.Commit())
	require.NoError(t, d.Abort())
	require.ErrorIs(t, d.Commit(), fs.ErrClosed)

	text, err = os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "new", string(text))
	require.Equal(t, []string{"a.txt"}, names(t, dir))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode())

	require.NoError(t, files.Write(path, 0o640, []byte("newer")))
	info, err = os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o640), info.Mode())

	d, err = files.Create(path, files.Private)
	require.NoError(t, err)
	require.NoError(t, d.Abort())
	require.Equal(t, []string{"a.txt"}, names(t, dir))
}

func TestWhatCannotBeAFile(t *testing.T) {
	dir := t.TempDir()
	_, err := files.Create(dir, files.Private)
	require.ErrorContains(t, err, "a directory of this name")
	_, err = files.Create(filepath.Join(dir, "none", "a"), files.Private)
	require.ErrorIs(t, err, fs.ErrNotExist)

	// A name that a directory takes in the meantime.
	d, err := files.Create(filepath.Join(dir, "a"), files.Private)
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "a"), 0o700))
	require.Error(t, d.Commit())
	require.Equal(t, []string{"a"}, names(t, dir))
}

func TestADeviceIsWrittenToAndNotReplaced(t *testing.T) {
	before, err := os.Stat(os.DevNull)
	require.NoError(t, err)
	d, err := files.Create(os.DevNull, files.Private)
	require.NoError(t, err)
	_, err = io.WriteString(d, "gone")
	require.NoError(t, err)
	require.NoError(t, d.Commit())
	d, err = files.Create(os.DevNull, files.Private)
	require.NoError(t, err)
	require.NoError(t, d.Abort())
	after, err := os.Stat(os.DevNull)
	require.NoError(t, err)
	require.Equal(t, before.Mode(), after.Mode())
}

func TestCompressedAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"a", "a.jsonl.gz", "a.zst"}).Draw(t, "name")
		parts := rapid.SliceOfN(rapid.StringMatching(`[a-z\n]{0,300}`), 1, 4).Draw(t, "parts")
		var to bytes.Buffer
		for _, p := range parts { // what is appended later is a member of its own
			w, err := files.Compressor(&to, name)
			require.NoError(t, err)
			_, err = io.WriteString(w, p)
			require.NoError(t, err)
			require.NoError(t, w.Close())
		}
		r, err := files.Decompressor(&to)
		require.NoError(t, err)
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		require.NoError(t, r.Close())
		require.Equal(t, strings.Join(parts, ""), string(text))
	})
}

func TestWhatIsCutOffIsAnError(t *testing.T) {
	for _, name := range []string{"a.gz", "a.zst"} {
		var to bytes.Buffer
		w, err := files.Compressor(&to, name)
		require.NoError(t, err)
		_, err = io.WriteString(w, strings.Repeat("abc", 1000))
		require.NoError(t, err)
		require.NoError(t, w.Close())
		r, err := files.Decompressor(bytes.NewReader(to.Bytes()[:to.Len()-3]))
		require.NoError(t, err)
		_, err = io.ReadAll(r)
		require.Error(t, err, name)
		require.NoError(t, r.Close())
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestAReaderThatFails(t *testing.T) {
	_, err := files.Decompressor(failing{})
	require.ErrorIs(t, err, io.ErrClosedPipe)
}

// A file that rests can be opened again whatever its mode will be, and whoever opens it.
func TestADraftGetsItsModeAtTheEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), strings.Repeat("x", 255))
	d, err := files.Create(path, 0o444)
	require.NoError(t, err)
	info, err := d.Stat()
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode())
	require.NoError(t, d.Rest())
	require.NoError(t, d.Commit())
	info, err = os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o444), info.Mode())
}
