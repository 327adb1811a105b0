package integration_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/clustering"
	"github.com/rxcql/rxcql/source"
)

// keysOf are values of a type, given by a random number and how close together they are.
var keysOf = map[string]func(n uint64, close bool) any{
	"tinyint":  func(n uint64, _ bool) any { return int8(n) },
	"smallint": func(n uint64, _ bool) any { return int16(n) },
	"int":      func(n uint64, close bool) any { return int32(near(n, close)) },
	"bigint":   func(n uint64, close bool) any { return int64(near(n, close)) },
	"timestamp": func(n uint64, close bool) any {
		if close {
			return time.UnixMilli(1_700_000_000_000 + int64(n%1000)).UTC()
		}
		return time.UnixMilli(int64(n % (1 << 42))).UTC()
	},
	"date": func(n uint64, _ bool) any { return time.Unix(86400*int64(n%80_000)-86400*40_000, 0).UTC() },
	"time": func(n uint64, close bool) any { return time.Duration(near(n, close) % (24 * 60 * 60 * 1e9)) },
	"uuid": func(n uint64, close bool) any {
		if close {
			return timeUUID(n, close)
		}
		return gocql.MustRandomUUID()
	},
	"timeuuid": func(n uint64, close bool) any { return timeUUID(n, close) },
	"blob":     func(n uint64, close bool) any { return []byte(fmt.Sprint(near(n, close)))[:1+n%3] },
	"ascii":    func(n uint64, close bool) any { return fmt.Sprint("key ", near(n, close)) },
	"text":     func(n uint64, close bool) any { return strings.Repeat("é", int(n%3)) + string(rune(n%0x1F000)) + "ß" },
}

func near(n uint64, close bool) uint64 {
	if close {
		return n % 300
	}
	return n
}

func timeUUID(n uint64, close bool) gocql.UUID {
	node := []byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24), byte(n >> 32), byte(n >> 40)}
	at := time.Unix(1_700_000_000, int64(n%300)*100)
	if !close {
		at = time.Unix(int64(n%(1<<32)), 0)
	}
	return gocql.TimeUUIDWith(gocqlTicks(at), uint32(n>>48), node)
}

// gocqlTicks are the units of 100 ns since 1582 that a UUID of version 1 counts.
func gocqlTicks(t time.Time) int64 { u := gocql.UUIDFromTime(t); return u.Timestamp() }

// Cut down to spans of few rows and put together in the order of the clustering, a partition is what it is as a whole.
func TestTheOrdersOfClusteringColumns(t *testing.T) {
	onBoth(t, func(t *target) {
		for cqlType, key := range keysOf {
			for _, direction := range []string{"ASC", "DESC"} {
				table := "KS.o_" + cqlType + "_" + direction
				t.exec(fmt.Sprintf("CREATE TABLE %s (p int, c %s, PRIMARY KEY (p, c)) WITH CLUSTERING ORDER BY (c %s)", table, cqlType, direction))
				for i := range 60 {
					t.exec("INSERT INTO "+table+" (p, c) VALUES (0, ?)", key(rand.Uint64(), i%2 == 0))
				}
				whole, err := source.Query[source.Row](t.session, t.in("SELECT c FROM "+table)).Rows().Collect(t.Context())
				require.NoError(t, err)
				order := clustering.OrderOf(cqlType)
				requests := 0
				var read func(clustering.Span) []source.Row
				read = func(span clustering.Span) []source.Row {
					condition, args := "", []any(nil)
					if span.Lo != nil {
						condition, args = condition+" AND c >= ?", append(args, span.Lo)
					}
					if span.Hi != nil {
						condition, args = condition+" AND c < ?", append(args, span.Hi)
					}
					requests++
					rows, err := source.Query[source.Row](t.session, t.in("SELECT c FROM "+table+" WHERE p = 0"+condition), args...).Rows().Collect(t.Context())
					require.NoError(t, err)
					if len(rows) <= 8 {
						return rows
					}
					m := order.Cut(span)
					require.NotNil(t, m)
					parts := []clustering.Span{{Lo: span.Lo, Hi: m}, {Lo: m, Hi: span.Hi}}
					if direction == "DESC" {
						parts[0], parts[1] = parts[1], parts[0]
					}
					return append(read(parts[0]), read(parts[1])...)
				}
				parts := read(clustering.Span{})
				require.Len(t, parts, len(whole), cqlType)
				for i := range whole {
					require.True(t, whole[i].Equal(parts[i]), "%s %s: row %d: %v %v", cqlType, direction, i, whole[i], parts[i])
				}
				require.Less(t, requests, 400)
			}
		}
	})
}
