package sink_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/sink"
)

type named struct{ Name string }

// TestAFileThatIsGoneOnWithHasEveryPageOnce stops behind any page, leaves something behind it, and goes on.
func TestAFileThatIsGoneOnWithHasEveryPageOnce(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		path := filepath.Join(t.TempDir(), rapid.SampledFrom([]string{"a.csv", "a.csv.gz", "a.csv.zst"}).Draw(r, "name"))
		pages := rapid.SliceOfN(rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,9}`), 1, 5), 1, 6).Draw(r, "pages")
		want, at, acknowledged := "name\n", int64(0), 0
		for acknowledged < len(pages) {
			a, err := sink.Append(path, sink.CSV[named](), at)
			require.NoError(r, err)
			for stop := rapid.Bool().Draw(r, "stop"); acknowledged < len(pages); stop = rapid.Bool().Draw(r, "stop") {
				var items []named
				for _, name := range pages[acknowledged] {
					items = append(items, named{name})
				}
				end, err := a.Append(items...)
				require.NoError(r, err)
				if stop {
					break // before it was acknowledged
				}
				info, err := os.Stat(path)
				require.NoError(r, err)
				require.Equal(r, info.Size(), end)
				for _, name := range pages[acknowledged] {
					want += name + "\n"
				}
				at, acknowledged = end, acknowledged+1
			}
			require.NoError(r, a.Close())
		}
		require.Equal(r, want, textOf(t, path))
	})
}

func TestFilesThatCannotBeGoneOnWith(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jsonl")
	_, err := sink.Append(path, sink.JSONL[int](), 3)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, os.WriteFile(path, []byte("1\n"), 0o600))
	_, err = sink.Append(path, sink.JSONL[int](), 3)
	require.ErrorContains(t, err, "has 2 bytes, fewer than the 3 where it is to be gone on with")
	require.Equal(t, "1\n", textOf(t, path))
	require.Panics(t, func() { _, _ = sink.Append(path, sink.JSONL[int](), -1) })

	a, err := sink.Append(path, sink.JSONL[any](), 2)
	require.NoError(t, err)
	end, err := a.Append()
	require.NoError(t, err)
	require.EqualValues(t, 2, end)
	_, err = a.Append(2, func() {})
	require.ErrorContains(t, err, "row 1 of the page: ")
	_, err = a.Append(2)
	require.NoError(t, err)
	require.NoError(t, a.Close())
	require.Equal(t, "1\n2\n", textOf(t, path))
}

func ExampleAppend() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "names.csv")

	file, err := sink.Append(path, sink.CSV[named](), 0)
	if err != nil {
		panic(err)
	}
	done, _ := file.Append(named{"ada"}, named{"bob"})
	_, _ = file.Append(named{"eve"}) // the process is killed before this page is acknowledged
	file.Close()

	file, err = sink.Append(path, sink.CSV[named](), done)
	if err != nil {
		panic(err)
	}
	_, _ = file.Append(named{"eve"}, named{"zoe"})
	file.Close()
	text, _ := os.ReadFile(path)
	fmt.Print(string(text))
	// Output:
	// name
	// ada
	// bob
	// eve
	// zoe
}

// Only a write that failed may have left a part of a page. The header is written with the first page that can be.
func TestAnItemWithoutATextDoesNotBreakAnAppender(t *testing.T) {
	type measure struct {
		Name  string
		Value any
	}
	format := sink.CSV[measure]().Columns([]cql.Column{{Name: "name", Type: cql.Type{Kind: cql.Varchar}}, {Name: "value", Type: cql.Type{Kind: cql.Int}}})
	none := measure{"b", "none"}
	path := filepath.Join(t.TempDir(), "a.csv")
	a, err := sink.Append(path, format, 0)
	require.NoError(t, err)
	_, err = a.Append(none)
	require.ErrorContains(t, err, "row 0 of the page")
	end, err := a.Append(measure{"a", 15}, measure{"b", nil})
	require.NoError(t, err)
	at, err := a.Append(measure{"c", 1}, none)
	require.ErrorContains(t, err, "row 1 of the page")
	require.Equal(t, end, at)
	_, err = a.Append(measure{"d", 0})
	require.NoError(t, err)
	require.NoError(t, a.Close())
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "name,value\na,15\nb,\nd,0\n", string(text))
}
