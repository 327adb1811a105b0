package source

import (
	"database/sql"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/cql"
)

func TestLimitOf(t *testing.T) {
	for statement, want := range map[string]int{
		"SELECT a FROM t WHERE b = 0xabLIMIT 13":                              13,
		"SELECT a FROM t WHERE b = 1 -- c\r LIMIT 14":                         14,
		"SELECT a FROM t WHERE nolimit = 1":                                   0,
		"SELECT a FROM t":                                                     0,
		"SELECT a FROM t LIMIT 10":                                            10,
		"select a from t limit 10;":                                           10,
		"SELECT a FROM t PER PARTITION LIMIT 3":                               0,
		"SELECT a FROM t PER PARTITION LIMIT 3 LIMIT 7":                       7,
		"SELECT a FROM t PER PARTITION LIMIT ? LIMIT ?":                       20,
		"SELECT a FROM t WHERE b = ? LIMIT ?":                                 20,
		"SELECT a FROM t WHERE b = :b LIMIT :n ALLOW FILTERING":               20,
		"SELECT a FROM t WHERE b = ' LIMIT 5'":                                0,
		"SELECT a FROM t WHERE b = 'it''s LIMIT 5' LIMIT 6":                   6,
		`SELECT "limit" FROM t WHERE "LIMIT 4" = 1`:                           0,
		"SELECT a FROM t -- LIMIT 5\nLIMIT 8":                                 8,
		"SELECT a FROM t // LIMIT 5":                                          0,
		"SELECT a /* LIMIT 5 */ FROM t LIMIT/**/9":                            9,
		"SELECT a FROM t WHERE b = $$ LIMIT 5 $$ LIMIT 11":                    11,
		"SELECT a FROM t WHERE b = '? ? ?' AND c = ? AND d = $$ ? $$ LIMIT ?": 20,
		"SELECT a FROM limits":                                                0,
		"SELECT a FROM t LIMIT":                                               0,
		"SELECT a FROM t WHERE m = {'a': 1, 'b': ?} LIMIT ? ALLOW FILTERING":  20,
		"SELECT a FROM t WHERE b = 0LIMIT 12":                                 12,
		"SELECT a FROM t WHERE b = 0LIMIT ?":                                  20,
		"SELECT a FROM t LIMIT 0":                                             unknownLimit, // the server refuses it
	} {
		require.Equal(t, want, limitOf(statement, []any{"x", 20}), statement)
	}
	n := 20
	for _, arg := range []any{20, int32(20), uint8(20), &n, int64(20), sql.Null[int32]{V: 20, Valid: true}, big.NewInt(20)} {
		require.Equal(t, 20, limitOf("SELECT a FROM t LIMIT ?", []any{arg}), "%T", arg)
	}
	for _, arg := range []any{nil, (*int)(nil), "many", "20", -1, 1.5, cql.Unset} {
		require.Equal(t, unknownLimit, limitOf("SELECT a FROM t LIMIT ?", []any{arg}), "%T", arg)
	}
}

func TestIsSelect(t *testing.T) {
	require.True(t, isSelect("SELECT a FROM t"))
	require.True(t, isSelect(" /* x */ -- y\n select a FROM t"))
	require.False(t, isSelect("INSERT INTO t (a) VALUES (1) IF NOT EXISTS"))
	require.False(t, isSelect(""))
}

func FuzzLimitOf(f *testing.F) {
	f.Add("SELECT 'a' LIMIT ? -- \xff $$ /*")
	f.Fuzz(func(t *testing.T, statement string) {
		require.GreaterOrEqual(t, limitOf(statement, []any{1, 2}), unknownLimit)
		require.LessOrEqual(t, len(markersOf(statement)), strings.Count(statement, "?")+strings.Count(statement, ":"))
	})
}

func TestPagesAimAtBytes(t *testing.T) {
	s := &sizer{}
	require.Equal(t, 100, s.next(false))
	s.startPage()
	s.saw(100)
	require.Equal(t, 400, s.next(true), "growing fourfold")
	require.Equal(t, 1600, s.next(true))
	require.Equal(t, 5000, s.next(true), "up to 5,000 rows")
	s.startPage()
	s.saw(pageTarget / 10)
	require.Equal(t, 10, s.next(true), "shrinking at once")
	s.startPage()
	s.saw(100)
	require.Equal(t, 10, s.next(true), "the page before still counts")
	s.startPage()
	s.startPage() // an empty page tells nothing
	s.saw(100)
	require.Equal(t, 40, s.next(true))
	s.saw(10 * pageTarget)
	require.Equal(t, 1, s.next(true))
}

func TestPagesStayBelowTheLimit(t *testing.T) {
	s := &sizer{fixed: 40, limit: 100}
	require.Equal(t, 40, s.next(false))
	s = &sizer{fixed: 1000, limit: 100}
	require.Equal(t, 1000, s.next(false), "the first page may reach it")
	require.Equal(t, 99, s.next(true))

	s = &sizer{limit: unknownLimit}
	require.Equal(t, 100, s.next(false))
	s.saw(10)
	require.Equal(t, 100, s.next(true), "a page that has a successor was smaller than the limit")
}

func TestWhatIsNotPagedHasNoSize(t *testing.T) {
	s := &sizer{fixed: unpaged}
	require.Zero(t, s.next(false))
	require.Equal(t, firstPage, s.next(true), "should a server page all the same: a state never goes out without a size")
}

func TestSizesAreBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &sizer{limit: rapid.IntRange(0, 3000).Draw(t, "limit")}
		last := 0
		for i := range rapid.IntRange(1, 50).Draw(t, "pages") {
			widest := 0
			for range rapid.IntRange(0, 3).Draw(t, "rows") {
				w := rapid.IntRange(4, 3*pageTarget).Draw(t, "width")
				s.saw(w)
				widest = max(widest, w)
			}
			size := s.next(i > 0)
			require.Positive(t, size)
			require.LessOrEqual(t, size, largest)
			if last > 0 {
				require.LessOrEqual(t, size, last*growth)
				if s.limit > 1 {
					require.Less(t, size, s.limit)
				}
			}
			if widest > 0 && last > 0 {
				require.LessOrEqual(t, (size-1)*widest, pageTarget)
			}
			last = size
			s.startPage()
		}
	})
}
