package checkpoint_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/rxcql/rxcql/checkpoint"
	"github.com/rxcql/rxcql/source"
)

// filled makes a checkpoint with something in it, in a file that it gives.
func filled(t *testing.T, changes ...source.Saved) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "job")
	store, err := checkpoint.File(path)
	require.NoError(t, err)
	_, err = store.Load(t.Context())
	require.NoError(t, err)
	for _, c := range changes {
		require.NoError(t, store.Save(t.Context(), c))
	}
	require.NoError(t, store.Close())
	return path
}

// loaded is what a file says.
func loaded(t *testing.T, path string) (source.Saved, error) {
	t.Helper()
	store, err := checkpoint.File(path)
	if err != nil {
		return source.Saved{}, err
	}
	defer store.Close()
	return store.Load(t.Context())
}

func TestAFileIsItsOwnersAndOneRunsAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "job")
	store, err := checkpoint.File(path)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode())
	names, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, names, 1)

	_, err = checkpoint.File(path)
	require.ErrorIs(t, err, checkpoint.ErrInUse)
	require.ErrorContains(t, err, path)
	require.NoError(t, store.Close())
	require.NoError(t, store.Close())
	require.Error(t, store.Save(t.Context(), source.Saved{Job: job}))
	_, err = store.Load(t.Context())
	require.Error(t, err)

	store, err = checkpoint.File(path)
	require.NoError(t, err)
	require.NoError(t, store.Close())
}

func TestWhatIsNoCheckpointIsRefused(t *testing.T) {
	dir := t.TempDir()
	write := func(content string) string {
		path := filepath.Join(dir, fmt.Sprint(len(content)))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	database := func(name string, make func(tx *bbolt.Tx) error) string {
		path := filepath.Join(dir, name)
		db, err := bbolt.Open(path, 0o600, nil)
		require.NoError(t, err)
		require.NoError(t, db.Update(make))
		require.NoError(t, db.Close())
		return path
	}
	later := filled(t)
	db, err := bbolt.Open(later, 0o600, nil)
	require.NoError(t, err)
	require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("rxcql checkpoint")).Put([]byte("format"), []byte("2"))
	}))
	require.NoError(t, db.Close())
	for what, path := range map[string]string{
		"an empty file":    write(""),
		"a text":           write("a,b\n1,2\n"),
		"a long text":      write(string(bytes.Repeat([]byte("a,b\n1,2\n"), 10_000))),
		"another database": database("other", func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("users")); return err }),
		"no database yet":  database("none", func(*bbolt.Tx) error { return nil }),
		"a later format":   later,
	} {
		before, err := os.ReadFile(path)
		require.NoError(t, err)
		_, err = checkpoint.File(path)
		require.ErrorIs(t, err, checkpoint.ErrUnreadable, what)
		require.ErrorContains(t, err, path, what)
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.True(t, bytes.Equal(before, after), "%s is left as it is", what)
	}
	_, err = checkpoint.File(dir)
	require.Error(t, err)
	_, err = checkpoint.File(filepath.Join(dir, "nowhere", "job"))
	require.ErrorIs(t, err, fs.ErrNotExist)
}

// TestADamagedFileNeverSaysAnythingElse: whatever is changed in it or cut off, it says what was saved or, if the damage
// is to that, before; which is as if the last save had not come to its end; or it is refused.
func TestADamagedFileNeverSaysAnythingElse(t *testing.T) {
	path := filled(t, ranges(40), ranges(60), ranges(80))
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	refused := 0
	check := func(what string, at int, content []byte) {
		t.Helper()
		damaged := fmt.Sprintf("%s, %s at %d", path, what, at)
		require.NoError(t, os.WriteFile(damaged, content, 0o600))
		got, err := loaded(t, damaged)
		require.NoError(t, os.Remove(damaged))
		if err != nil {
			require.ErrorIs(t, err, checkpoint.ErrUnreadable, "%s at %d", what, at)
			refused++
			return
		}
		if n := int64(len(got.Ranges)); n != 60 || what == "cut off" {
			require.Equal(t, ranges(80), got, "%s at %d", what, at)
		} else {
			require.Equal(t, ranges(60), got, "%s at %d", what, at)
		}
	}
	for n := 0; n < len(whole); n += 512 {
		check("cut off", n, whole[:n])
	}
	require.Greater(t, refused, 10)
	refused = 0
	for i := range whole {
		if i%os.Getpagesize() >= 24 && i%211 != 0 { // of what a page begins with, each byte
			continue
		}
		damaged := bytes.Clone(whole)
		damaged[i] ^= 0x55
		check("changed", i, damaged)
	}
	require.Greater(t, refused, 50)
	for at := 0; at < len(whole); at += os.Getpagesize() {
		damaged := bytes.Clone(whole)
		clear(damaged[at:min(at+os.Getpagesize(), len(damaged))])
		check("without a page", at, damaged)
	}
}

// TestEveryStepOfASave: a process that is killed in the middle of a save leaves a file that has some of the pages that
// the save has written, the first so many, of the last one perhaps a part.
func TestEveryStepOfASave(t *testing.T) {
	first := ranges(60)
	second := ranges(70)
	second.Ranges[3].Done, second.Ranges[3].Cursor = false, []byte("x")
	path := filled(t, first)
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	store, err := checkpoint.File(path)
	require.NoError(t, err)
	_, err = store.Load(t.Context())
	require.NoError(t, err)
	require.NoError(t, store.Save(t.Context(), second))
	require.NoError(t, store.Close())
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(after), len(before))

	// bbolt writes pages in the order of the file, and at last one of the first two, with which the others are in force.
	const step = 512
	image := append(bytes.Clone(before), make([]byte, len(after)-len(before))...)
	head := 2 * os.Getpagesize()
	said := []int{}
	look := func(what string) {
		file := filepath.Join(t.TempDir(), "image")
		require.NoError(t, os.WriteFile(file, image, 0o600))
		got, err := loaded(t, file)
		require.NoError(t, err, what)
		switch len(got.Ranges) {
		case len(first.Ranges):
			require.Equal(t, first, got, what)
		default:
			require.Equal(t, second, got, what)
		}
		said = append(said, len(got.Ranges))
	}
	for _, part := range [][2]int{{head, len(after)}, {0, head}} {
		for at := part[0]; at < part[1]; at += step {
			if end := min(at+step, len(after)); !bytes.Equal(image[at:end], after[at:end]) {
				copy(image[at:end], after[at:end])
				look(fmt.Sprintf("written up to %d", end))
			}
		}
	}
	require.True(t, bytes.Equal(image, after))
	require.Greater(t, len(said), 3)
	for i, n := range said {
		if i < len(said)-1 {
			require.Equal(t, len(first.Ranges), n)
		} else {
			require.Equal(t, len(second.Ranges), n)
		}
	}
}
