package source_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/ring/ringtest"
	"github.com/rxcql/rxcql/source"
)

// twin is a row of lab.twins, three of whose partitions share a token.
type twin struct {
	P []byte
	C int
}

func (t twin) String() string { return hex.EncodeToString(t.P) + fmt.Sprint(" ", t.C) }

const twinsToken = -4_611_686_018_427_387_905

func twins(t *testing.T, server *cqltest.Server, session *cql.Session, order string) []twin {
	server.MustExec("CREATE TABLE lab.twins (p blob, c int, PRIMARY KEY (p, c)) WITH CLUSTERING ORDER BY (c " + order + ")")
	for n := range 6 {
		key := ringtest.Key(twinsToken, uint64(n)<<40)
		if n >= 3 {
			key = []byte{byte(n)}
		}
		for c := range 20 {
			server.MustExec("INSERT INTO lab.twins (p, c) VALUES (?, ?)", key, c)
		}
	}
	tokens, err := source.Query[int64](session, "SELECT token(p) FROM lab.twins").Rows().Collect(t.Context())
	require.NoError(t, err)
	same := 0
	for _, token := range tokens {
		if token == twinsToken {
			same++
		}
	}
	require.Equal(t, 60, same)
	rows, err := source.Query[twin](session, "SELECT * FROM lab.twins").Rows().Collect(t.Context())
	require.NoError(t, err)
	return rows
}

func rowTexts[T fmt.Stringer](rows []T) []string {
	var all []string
	for _, r := range rows {
		all = append(all, r.String())
	}
	return all
}

// inParts lets the token of the twins be read only in slices of at most so many places, of 20.
func inParts(server *cqltest.Server, most int, err error) *cqltest.Injected {
	on := cqltest.On("lab.twins")
	return server.Inject(cqltest.Fault{Err: err, Match: func(r cqltest.Request) bool {
		if !on(r) || len(r.Values) < 2 || r.Op == cqltest.OpPrepare {
			return false
		}
		s, e := rangeOf(r)
		if twinsToken <= s || twinsToken > e {
			return false
		}
		n := 0
		for c := range 20 {
			if coversTwin(r, c) {
				n++
			}
		}
		return n > most
	}})
}

func coversTwin(r cqltest.Request, c int) bool { return covers(r, twinsToken, place[int]{c: c}) }

// Partitions that share a token are read whole, each row once, by whatever the token is cut.
func TestPartitionsOfOneToken(t *testing.T) {
	for _, order := range []string{"ASC", "DESC"} {
		for _, size := range []int{1, 3, 7, 100} {
			t.Run(fmt.Sprint(order, " ", size), func(t *testing.T) {
				server, session := serve(t)
				want := rowTexts(twins(t, server, session, order))
				table := source.Table[twin](session, "lab.twins").PageSize(size).Retry(impatient)
				for _, splits := range []int{1, 7, 100} {
					rows, err := table.SplitInto(splits).Rows().Collect(t.Context())
					require.NoError(t, err)
					require.ElementsMatch(t, want, rowTexts(rows))
				}
				fault := inParts(server, 6, cqltest.ReadFailure(0, 1, 1, false))
				rows, err := table.SplitInto(3).Rows().Collect(t.Context())
				require.NoError(t, err)
				require.ElementsMatch(t, want, rowTexts(rows), "in slices")
				require.Positive(t, fault.Hits())
				fault.Remove()

				// Slices that turn out to be too large after some of their pages.
				server.Inject(cqltest.Fault{After: 2, Times: 3, Err: cqltest.ReadFailure(0, 1, 1, false), Match: onlyTwins(12)})
				inParts(server, 12, cqltest.ReadFailure(0, 1, 1, false))
				rows, err = table.SplitInto(1).Rows().Collect(t.Context())
				require.NoError(t, err)
				require.ElementsMatch(t, want, rowTexts(rows), "in slices that are cut while they are read")
			})
		}
	}
}

// onlyTwins are the requests for the token of the twins in slices of at most so many places.
func onlyTwins(most int) func(cqltest.Request) bool {
	on := cqltest.On("lab.twins")
	return func(r cqltest.Request) bool {
		if !on(r) || len(r.Values) < 3 || r.Op == cqltest.OpPrepare {
			return false
		}
		n := 0
		for c := range 20 {
			if coversTwin(r, c) {
				n++
			}
		}
		return 1 < n && n <= most
	}
}

// Stopped after any page, also between slices and between partitions, a scan goes on with what is left, and nothing else.
func TestAScanThatWasStoppedAmongPartitionsOfOneToken(t *testing.T) {
	for _, order := range []string{"ASC", "DESC"} {
		for _, sliced := range []bool{false, true} {
			t.Run(fmt.Sprint(order, " sliced: ", sliced), func(t *testing.T) {
				server, session := serve(t)
				want := rowTexts(twins(t, server, session, order))
				if sliced {
					inParts(server, 6, cqltest.ReadFailure(0, 1, 1, false))
				}
				table := source.Table[twin](session, "lab.twins").PageSize(4).ReadAhead(0).Retry(impatient)
				whole := []source.Range{{Start: -1 << 63, End: twinsToken - 1}, {Start: twinsToken - 1, End: twinsToken}, {Start: twinsToken, End: 1<<63 - 1}}
				for stop := 1; ; stop++ {
					var rows []twin
					left, n := whole, 0
					for p, err := range table.InTokenOrder().Ranges(whole...).Pages().All(t.Context()) {
						require.NoError(t, err)
						rows = append(rows, p.Rows...)
						left = leftBehind(whole, p)
						if n++; n == stop {
							break
						}
					}
					if n < stop {
						require.ElementsMatch(t, want, rowTexts(rows))
						require.Greater(t, stop, 30)
						break
					}
					if len(left) > 0 {
						rest, err := table.Ranges(left...).Rows().Collect(t.Context())
						require.NoError(t, err)
						rows = append(rows, rest...)
					}
					require.ElementsMatch(t, want, rowTexts(rows), "after %d pages", stop)
				}
			})
		}
	}
}

// leftBehind is what is left of ranges, read in their order, behind a page.
func leftBehind[T any](ranges []source.Range, p source.TablePage[T]) []source.Range {
	var left []source.Range
	for _, r := range ranges {
		switch {
		case r.Start == p.Range.Start && !p.Last:
			left = append(left, p.Range)
		case r.Start > p.Range.Start:
			left = append(left, r)
		}
	}
	return left
}

func TestACheckpointAmongPartitionsOfOneToken(t *testing.T) {
	server, session := serve(t)
	want := rowTexts(twins(t, server, session, "ASC"))
	inParts(server, 6, cqltest.ReadFailure(0, 1, 1, false))
	for after := range 50 {
		store := &memory{}
		var rows []twin
		n := 0
		read := func(most, splits int) error {
			table := source.Table[twin](session, "lab.twins").PageSize(3).Retry(impatient).SplitInto(splits)
			return table.Resume(store).Each(t.Context(), 1, func(_ context.Context, p source.TablePage[twin]) error {
				if n++; n > most {
					return errConsumer
				}
				rows = append(rows, p.Rows...)
				return nil
			})
		}
		if err := read(after, 3); err != nil {
			require.ErrorIs(t, err, errConsumer)
			store = store.through(t)
			require.NoError(t, read(1<<30, 5))
		}
		require.ElementsMatch(t, want, rowTexts(rows), "after %d pages", after)
	}
}
