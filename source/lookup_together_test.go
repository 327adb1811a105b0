package source_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gopkg.in/inf.v0"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
	"github.com/rxcql/rxcql/source"
)

// address is a row of lab.places, by its primary key.
type address struct{ Street, Number int }

type house struct {
	Street, Number int
	Name           *string
}

type houseFound = operators.Match[address, house]

// places makes lab.places, which has the even numbers up to 200 of the streets 0 … n-1.
func places(server *cqltest.Server, n int) {
	server.MustExec("CREATE TABLE lab.places (street int, number int, name text, PRIMARY KEY (street, number)) WITH CLUSTERING ORDER BY (number DESC)")
	for s := range n {
		for i := 0; i < 200; i += 2 {
			server.MustExec("INSERT INTO lab.places (street, number, name) VALUES (?, ?, ?)", s, i, fmt.Sprint(s, "/", i))
		}
	}
}

func (p address) found() houseFound {
	if p.Street < 0 || p.Street >= 3 || p.Number < 0 || p.Number >= 200 || p.Number%2 == 1 {
		return houseFound{Item: p}
	}
	name := fmt.Sprint(p.Street, "/", p.Number)
	return houseFound{Item: p, Value: house{p.Street, p.Number, &name}, Found: true}
}

func (p address) key() []any { return []any{p.Street, p.Number} }

func (p address) turned() []any { return []any{p.Number, p.Street} }

func found(keys []address) []houseFound {
	var all []houseFound
	for _, k := range keys {
		all = append(all, k.found())
	}
	return all
}

const selectPlace = "SELECT street, number, name FROM lab.places WHERE street = ? AND number = ?"

// inPlaces are the requests for rows of the table, and how many keys each was for.
func inPlaces(server *cqltest.Server) (keys []int) {
	for _, r := range server.Requests() {
		if r.Table != "places" || r.Op == cqltest.OpPrepare {
			continue
		}
		n := 1
		for _, v := range r.Values {
			if list, ok := v.([]int); ok {
				n = len(list)
			}
		}
		keys = append(keys, n)
	}
	return keys
}

func slow(server *cqltest.Server) {
	server.Inject(cqltest.Fault{Match: cqltest.On("places"), Delay: time.Second})
}

func TestKeysOfAPartitionThatWaitAreLookedUpTogether(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		places(server, 3)
		slow(server)
		var keys []address
		for i := range 130 { // the last of which are not there
			keys = append(keys, address{0, 2 * i})
		}
		keys = append(keys, address{1, 4}, address{2, 3}, address{2, 3}, address{1, 4})
		query := source.Query[house](session, selectPlace)
		start := time.Now()
		got, err := source.Lookup(rx.From(keys...), 200, query, address.key).Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, found(keys), got)
		require.ElementsMatch(t, []int{1, 1, 1, 1, 100, 28, 1, 1}, inPlaces(server),
			"the first, before the key is known; the first of each partition; what came meanwhile, 100 at most, each once")
		require.Equal(t, 3*time.Second, time.Since(start))
	})
}

func TestALoneKeyDoesNotWait(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		places(server, 1)
		slow(server)
		one := func(ctx context.Context, yield func(address) bool) error {
			for i := range 5 {
				if !yield(address{0, i}) {
					return nil
				}
				time.Sleep(2 * time.Second)
			}
			return nil
		}
		before := len(server.Requests())
		start, answered := time.Now(), 0
		err := source.Lookup(one, 8, source.Query[house](session, selectPlace), address.key).ForEach(t.Context(), func(f houseFound) error {
			require.Equal(t, time.Duration(f.Item.Number)*2*time.Second+time.Second, time.Since(start))
			answered++
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, 5, answered)
		require.Equal(t, []int{1, 1, 1, 1, 1}, inPlaces(server))
		for _, r := range server.Requests()[before:] {
			require.NotEqual(t, "system_schema", r.Keyspace)
		}
	})
}

// However keys come, and whatever the query is, the result is that of looking each up by itself.
func TestLookupTogetherIsALeftJoin(t *testing.T) {
	server, session := serve(t)
	places(server, 3)
	server.MustExec("ALTER TABLE lab.places ADD size int")
	queries := map[string]source.Select[house]{
		selectPlace: source.Query[house](session, selectPlace),
		"select *":  source.Query[house](session, "select * from lab.places where STREET = ? and \"number\" = ?;").Lenient(),
		"without":   source.Query[house](session, "SELECT name FROM lab.places WHERE street = ? AND number = ?").Lenient(),
		"small":     source.Query[house](session, selectPlace).PageSize(2),
	}
	rapid.Check(t, func(rt *rapid.T) {
		keys := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) address {
			return address{rapid.IntRange(-1, 3).Draw(t, "street"), rapid.IntRange(-1, 9).Draw(t, "number")}
		}), 0, 60).Draw(rt, "keys")
		which := rapid.SampledFrom([]string{selectPlace, "select *", "without", "small"}).Draw(rt, "query")
		n := rapid.IntRange(1, 70).Draw(rt, "at a time")
		want := found(keys)
		if which == "without" {
			for i := range want {
				want[i].Value.Street, want[i].Value.Number = 0, 0
			}
		}
		got, err := source.Lookup(rx.From(keys...), n, queries[which], address.key).Collect(t.Context())
		require.NoError(rt, err)
		require.Equal(rt, want, got)
		got, err = source.LookupUnordered(rx.From(keys...), n, queries[which], address.key).Collect(t.Context())
		require.NoError(rt, err)
		require.ElementsMatch(rt, want, got)
	})
	biggest := 0
	for _, n := range inPlaces(server) {
		biggest = max(biggest, n)
	}
	require.Greater(t, biggest, 1, "some were asked for together")
}

func TestWhichQueriesAreAskedTogether(t *testing.T) {
	for statement, together := range map[string]bool{
		selectPlace: true,
		"SELECT * FROM lab.places WHERE street = ? AND number = ?":                                  true,
		"/* a */ SELECT \"name\", name FROM \"lab\".places -- b\nWHERE \"street\"=? AND NUMBER=? ;": true,
		"SELECT name FROM lab.places WHERE number = ? AND street = ?":                               true,
		"SELECT name FROM lab.places WHERE street = ? AND number >= ? LIMIT 1":                      false,
		"SELECT name FROM lab.places WHERE street = ? AND number = ? LIMIT 1":                       false,
		"SELECT name AS n FROM lab.places WHERE street = ? AND number = ?":                          false,
		"SELECT writetime(name) FROM lab.places WHERE street = ? AND number = ?":                    false,
		"SELECT COUNT(*) FROM lab.places WHERE street = ? AND number = ?":                           false,
		"SELECT name FROM lab.places WHERE street = ? AND number = ? AND name = ? ALLOW FILTERING":  false,
		"SELECT name FROM lab.places WHERE street = :s AND number = :n":                             false,
		"SELECT name FROM lab.places WHERE street = ? AND number = ? ORDER BY number ASC":           false,
		"SELECT name FROM lab.places WHERE street = ? AND (number) = (?)":                           false,
	} {
		virtualtime.Test(t, func(t *testing.T) {
			server, session := serveInBubble(t)
			places(server, 1)
			slow(server)
			bind := address.key
			switch {
			case strings.Contains(statement, "WHERE number"):
				bind = address.turned
			case strings.Contains(statement, "name = ?"):
				bind = func(p address) []any { return append(p.key(), "0/2") }
			}
			keys := rx.From(address{0, 2}, address{0, 4}, address{0, 6}, address{0, 8})
			query := source.Query[source.Row](session, statement)
			got, err := source.Lookup(keys, 4, query, bind).Collect(t.Context())
			require.NoError(t, err, statement)
			require.GreaterOrEqual(t, len(got), 4)
			if together {
				require.Equal(t, []int{1, 1, 2}, inPlaces(server), statement)
				first, last := got[0].Value, got[3].Value
				require.Equal(t, len(first.Columns()), len(last.Columns()))
				require.Contains(t, last.String(), `name: "0/8"`)
			} else {
				require.Equal(t, []int{1, 1, 1, 1}, inPlaces(server), statement)
			}
		})
	}
}

// Equal decimals may have other bytes, so rows could not be told apart by them.
func TestKeysThatAreEqualButNotAlikeAreLookedUpOneByOne(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		server.MustExec("CREATE TABLE lab.places (street int, number decimal, PRIMARY KEY (street, number))")
		server.MustExec("INSERT INTO lab.places (street, number) VALUES (?, ?)", 0, inf.NewDec(10, 1))
		slow(server)
		query := source.Query[int](session, "SELECT street FROM lab.places WHERE street = ? AND number = ?")
		got, err := source.Lookup(rx.Range(0, 5), 5, query, func(i int) []any {
			return []any{0, inf.NewDec([]int64{1, 10, 100, 1000, 11}[i], inf.Scale(i))}
		}).Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, []bool{true, true, true, true, false}, []bool{got[0].Found, got[1].Found, got[2].Found, got[3].Found, got[4].Found})
		require.Len(t, inPlaces(server), 5)
	})
}

func TestABatchThatFailsIsLookedUpKeyByKey(t *testing.T) {
	together := func(r cqltest.Request) bool {
		return cqltest.On("places")(r) && strings.Contains(r.Statement, " IN ")
	}
	for name, err := range map[string]error{
		"refused": cqltest.Invalid("no"), "of no use": cqltest.ReadFailure(0, 1, 1, false),
	} {
		t.Run(name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				server, session := serveInBubble(t)
				places(server, 1)
				fault := server.Inject(cqltest.Fault{Match: together, Err: err})
				server.Inject(cqltest.Fault{
					Match: func(r cqltest.Request) bool { return cqltest.On("places")(r) && len(r.Values) == 2 && r.Values[1] == 8 },
					Err:   cqltest.ReadFailure(0, 1, 1, false),
				})
				slow(server)
				keys := []address{{0, 2}, {0, 4}, {0, 6}, {0, 8}, {0, 9}}
				query := source.Query[house](session, selectPlace).Retry(once)
				got, err := source.Lookup(rx.From(keys...), 8, query, address.key).Collect(t.Context())
				var failed *source.LookupError
				require.ErrorAs(t, err, &failed)
				require.EqualValues(t, 4, failed.Position)
				require.ErrorIs(t, err, cql.ReadFailure)
				require.Equal(t, found(keys[:3]), got)
				require.Equal(t, 1, fault.Hits())
			})
		})
	}

	t.Run("a key that cannot be", func(t *testing.T) {
		virtualtime.Test(t, func(t *testing.T) {
			server, session := serveInBubble(t)
			places(server, 1)
			slow(server)
			bad := func(p address) []any {
				if p.Number == 4 {
					return []any{p.Street, nil}
				}
				return p.key()
			}
			keys := []address{{0, 0}, {0, 2}, {0, 4}, {0, 6}, {0, 8}}
			query := source.Query[house](session, selectPlace)
			skip := func(_ context.Context, f *operators.Failure[address]) operators.Decision { return operators.Resume }
			got, err := source.Lookup(rx.From(keys...), 8, query, bad, skip).Collect(t.Context())
			require.NoError(t, err)
			require.Equal(t, found([]address{{0, 0}, {0, 2}, {0, 6}, {0, 8}}), got)
		})
	})
}

func TestKeysThatComeTwiceHaveRowsOfTheirOwn(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		places(server, 1)
		slow(server)
		key := address{0, 2}
		got, err := source.Lookup(rx.From(key, key, key, key), 4, source.Query[*house](session, selectPlace), address.key).Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, []int{1, 1, 1}, inPlaces(server))
		for i := range got {
			require.Equal(t, "0/2", *got[i].Value.Name)
			*got[i].Value.Name = "mine"
		}
	})
}

func TestLookupTogetherKeepsTheContract(t *testing.T) {
	server, session := serve(t)
	places(server, 3)
	keys := []address{{0, 2}, {0, 4}, {0, 5}, {1, 2}, {0, 2}, {1, 4}}
	query := source.Query[house](session, selectPlace)
	rxtest.Source(t, rxtest.Case[houseFound]{
		New:     func() rx.Observable[houseFound] { return source.Lookup(rx.From(keys...), 8, query, address.key) },
		Want:    found(keys),
		Foreign: []string{"github.com/gocql/gocql", "github.com/rxcql/rxcql/cql/cqltest"},
	})
	require.NoError(t, session.Shutdown(t.Context()), "no run counts as open")
}

// The request that others wait for does not come back.
func TestLookupsThatWaitEndWithTheRun(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		places(server, 1)
		never := make(chan struct{})
		defer close(never)
		server.Inject(cqltest.Fault{Match: cqltest.On("places"), Hold: never})
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errConsumer) })
		keys := rx.From(address{0, 2}, address{0, 4}, address{0, 6}, address{0, 8})
		_, err := source.Lookup(keys, 4, source.Query[house](session, selectPlace), address.key).Collect(ctx)
		require.ErrorIs(t, err, errConsumer)
	})
}

// A table that is not as it was when its key was looked up gives what it has.
func TestLookupTogetherWhileTheTableIsMadeAnew(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		places(server, 1)
		anew := func(cqltest.Request) {
			server.MustExec("DROP TABLE lab.places")
			server.MustExec("CREATE TABLE lab.places (street int, number int, part int, name text, PRIMARY KEY (street, number, part))")
			for i := range 12 {
				server.MustExec("INSERT INTO lab.places (street, number, part, name) VALUES (0, ?, ?, 'x')", 2*(i%4)+2, i/4)
			}
		}
		server.Inject(cqltest.Fault{Match: cqltest.On("places"), After: 2, Times: 1, Before: anew})
		slow(server)
		keys := rx.From(address{0, 2}, address{0, 4}, address{0, 6}, address{0, 8})
		got, err := source.Lookup(keys, 4, source.Query[house](session, selectPlace), address.key).Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, got, 2*1+2*3, "two were looked up before, of the others there are three rows each")
	})
}
