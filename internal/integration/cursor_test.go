package integration_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/cassandra"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

type event struct {
	P int
	C string
	V int
}

// events makes a table with n rows in 7 partitions.
func (t *target) events(n int) []event {
	t.Helper()
	t.exec("CREATE TABLE KS.events (p int, c text, v int, PRIMARY KEY (p, c))")
	rows, err := operators.Map(rx.Range(0, n), func(i int) event { return event{i % 7, fmt.Sprintf("secret-%04d", i), i} }).Collect(t.Context())
	require.NoError(t, err)
	report, err := sink.Insert[event](t.session, t.keyspace+".events").Window(32).Write(t.Context(), rx.From(rows...))
	require.NoError(t, err)
	require.EqualValues(t, n, report.Written)
	return rows
}

func (t *target) tokens(tenant string) source.Tokens {
	t.Helper()
	keys, err := source.NewKeys(bytes.Repeat([]byte{1}, 32))
	require.NoError(t, err)
	return source.Tokens{Keys: keys, Tenant: tenant}
}

// follow goes from token to token as the clients of a service do, a request a page, and gives all rows.
func follow[T any](t *target, tokens source.Tokens, query func(page int) source.Select[T]) []T {
	t.Helper()
	var rows []T
	token := ""
	for i := range 1000 {
		page, err := query(i).FromToken(tokens, token).Page(t.Context())
		require.NoError(t, err)
		rows = append(rows, page.Rows...)
		token, err = page.Token(tokens)
		require.NoError(t, err)
		if token == "" {
			return rows
		}
		require.NotContains(t, token, "secret")
	}
	t.Fatal("no end")
	return nil
}

func TestTokensLeadThroughATable(t *testing.T) {
	onBoth(t, func(t *target) {
		want := t.events(500)
		order := func(a, b event) int { return a.V - b.V }
		for _, sizes := range [][]int{{1000}, {37}, {1, 50, 3, 200}} {
			got := follow(t, t.tokens("ann"), func(page int) source.Select[event] {
				return source.Query[event](t.session, t.in("SELECT p, c, v FROM KS.events")).PageSize(sizes[page%len(sizes)])
			})
			slices.SortFunc(got, order)
			require.Equal(t, want, got, "pages of %v", sizes)
		}

		// One partition, in an order, with a limit, by names, each page with arguments in another guise.
		p := 3
		guises := []any{3, int8(3), &p}
		got := follow(t, t.tokens("ann"), func(page int) source.Select[event] {
			return source.Query[event](t.session, t.in("SELECT p, c, v FROM KS.events WHERE p = :p AND c > :c ORDER BY c DESC LIMIT :n")).
				BindMap(map[string]any{"p": guises[page%3], "c": "secret-0100", "n": 50}).PageSize([]int{7, 100}[page%2])
		})
		var reversed []event
		for _, e := range slices.Backward(want) {
			if e.P == 3 && e.C > "secret-0100" && len(reversed) < 50 {
				reversed = append(reversed, e)
			}
		}
		require.Equal(t, reversed, got)
	})
}

// TestATokenIsNotTakenWhereItDoesNotBelong: what a server does with a state on another query is why there are tokens.
func TestATokenIsNotTakenWhereItDoesNotBelong(t *testing.T) {
	onBoth(t, func(t *target) {
		t.events(100)
		query := func(p int) source.Select[int] {
			return source.Query[int](t.session, t.in("SELECT v FROM KS.events WHERE p = ?"), p).PageSize(5)
		}
		page, err := query(3).Page(t.Context())
		require.NoError(t, err)
		token, err := page.Token(t.tokens("ann"))
		require.NoError(t, err)
		expiring := t.tokens("ann")
		expiring.Lifetime = -time.Second
		old, err := page.Token(expiring)
		require.NoError(t, err)

		raw := t.other() // the server takes a state of another query without a word, and skips rows
		iter := raw.Query(t.in("SELECT v FROM KS.events WHERE p = ?"), 3).PageSize(5).PageState(nil).Iter()
		state := iter.PageState()
		require.NoError(t, iter.Close())
		all := raw.Query(t.in("SELECT v FROM KS.events WHERE p = ?"), 4).PageSize(100).PageState(nil).Iter()
		some := raw.Query(t.in("SELECT v FROM KS.events WHERE p = ?"), 4).PageSize(100).PageState(state).Iter()
		require.Less(t, some.NumRows(), all.NumRows())
		require.NoError(t, some.Close())
		require.NoError(t, all.Close())

		t.reads.Store(0)
		_, err = query(4).From(page.State).Rows().Collect(t.Context())
		require.ErrorIs(t, err, source.ErrBadState)
		for _, q := range []source.Select[int]{
			query(4).FromToken(t.tokens("ann"), token),
			query(3).FromToken(t.tokens("bob"), token),
			query(3).FromToken(t.tokens("ann"), strings.Replace(token, token[50:51], "_", 1)+"A"),
			query(3).FromToken(t.tokens("ann"), old),
			source.Query[int](t.session, t.in("SELECT v FROM KS.events")).FromToken(t.tokens("ann"), token),
			source.Query[int](t.session, t.in("SELECT v FROM KS.events WHERE p = ? ORDER BY c DESC"), 3).FromToken(t.tokens("ann"), token),
		} {
			_, err := q.Page(t.Context())
			require.ErrorIs(t, err, source.ErrBadToken)
		}
		require.Zero(t, t.reads.Load(), "nothing is sent")
		_, err = query(3).FromToken(t.tokens("ann"), old).Page(t.Context())
		require.ErrorIs(t, err, source.ErrTokenExpired)
	})
}

// TestATokenOutlivesItsTable pins down what a token cannot know: the server takes an old state on a new table.
func TestATokenOutlivesItsTable(t *testing.T) {
	onBoth(t, func(t *target) {
		const create = "CREATE TABLE KS.again (p int, n int, PRIMARY KEY (p, n))"
		query := func() source.Select[int] {
			return source.Query[int](t.session, t.in("SELECT n FROM KS.again WHERE p = 0")).PageSize(5)
		}
		fill := func() {
			for n := range 10 {
				t.exec("INSERT INTO KS.again (p, n) VALUES (0, ?)", n)
			}
		}
		t.exec(create)
		fill()
		page, err := query().Page(t.Context())
		require.NoError(t, err)
		one, two := t.tokens("schema 1"), t.tokens("schema 2")
		token, err := page.Token(one)
		require.NoError(t, err)

		t.exec("ALTER TABLE KS.again ADD more text")
		rows, err := query().FromToken(one, token).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, upTo(10)[5:], rows, "an added column does not matter")

		t.exec("DROP TABLE KS.again")
		t.exec(create)
		fill()
		rows, err = query().FromToken(one, token).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, upTo(10)[5:], rows, "it goes on from the old place")
		_, err = query().FromToken(two, token).Page(t.Context())
		require.ErrorIs(t, err, source.ErrBadToken, "unless Tenant tells the schemas apart")
	})
}

func TestUnpagedForWhatCannotBePaged(t *testing.T) {
	onBoth(t, func(t *target) {
		t.events(70)
		query := source.Query[int](t.session, t.in("SELECT v FROM KS.events WHERE p IN (0, 1, 2) ORDER BY c"))
		_, err := query.Rows().Collect(t.Context())
		require.ErrorIs(t, err, cql.Invalid)
		got, err := query.Unpaged().Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, got, 30)
		require.True(t, slices.IsSorted(got))
	})
}

func TestNamesAreBoundAsTheServerCountsThem(t *testing.T) {
	type values = map[string]any
	onBoth(t, func(t *target) {
		t.events(70)
		for _, c := range []struct {
			statement string
			values    values
			want      []int
		}{
			{"WHERE p = :p AND c >= :c AND c <= :C", values{"p": 3, "c": "secret-0003"}, []int{3}},
			{`WHERE p = : p AND c > :"Lo" AND c <= :/* :x */c LIMIT :p -- :y` + "\n", values{"p": 3, "Lo": "", "c": "secret-0024"}, []int{3, 10, 17}},
			{`WHERE p IN (:p, :q) AND c IN (:c, ':p''?', '"?')`, values{"p": 3, "q": 4, "c": "secret-0004"}, []int{4}},
			{"WHERE p IN :ps AND c < :int", values{"ps": []int{3, 4}, "int": "secret-0010"}, []int{3, 4}},
			{"WHERE v = :v ALLOW FILTERING", values{"v": 5}, []int{5}},
			{"WHERE token(p) >= token(:p) AND token(p) <= token(:p) LIMIT :n // ? \n", values{"p": 3, "n": 2}, []int{3, 10}},
		} {
			got, err := source.Query[int](t.session, t.in("SELECT v FROM KS.events "+c.statement)).BindMap(c.values).Rows().Collect(t.Context())
			require.NoError(t, err, c.statement)
			slices.Sort(got)
			require.Equal(t, c.want, got, c.statement)
		}
		type key struct{ P int }
		got, err := source.Query[int](t.session, t.in("SELECT v FROM KS.events WHERE p = :p")).BindStruct(key{3}).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, got, 10)
	})
}

// TestWhatComesWithAPage: a trace is where TraceID says, and a server that looks for no payload ignores it.
func TestWhatComesWithAPage(t *testing.T) {
	onBoth(t, func(t *target) {
		t.events(20)
		query := source.Query[int](t.session, t.in("SELECT v FROM KS.events")).PageSize(15)
		page, err := query.Tracing(true).Payload(map[string][]byte{"who": []byte("ann")}).Page(t.Context())
		require.NoError(t, err)
		require.Len(t, page.Rows, 15)
		require.NotEmpty(t, page.Host)
		require.Empty(t, page.Payload)
		id, err := gocql.ParseUUID(page.TraceID)
		require.NoError(t, err)
		if strings.HasSuffix(t.Name(), "/Cassandra") { // the in-process server makes an id only
			trace := source.Query[string](t.session, "SELECT request FROM system_traces.sessions WHERE session_id = ?", id).Consistency(cql.One)
			require.Eventually(t, func() bool { // it is written when the answer is out
				request, err := trace.Rows().First(t.Context())
				return err == nil && request == "Execute CQL3 prepared query"
			}, 30*time.Second, 50*time.Millisecond)
		}
		page, err = query.From(page.State).Page(t.Context())
		require.NoError(t, err)
		require.Empty(t, page.TraceID)
	})
}

func TestPayloadsNeedProtocol4(t *testing.T) {
	config := cassandra.Cluster(t)
	config.ProtoVersion = 3
	target := connect(t, config, cassandra.Keyspace(t))
	target.events(10)
	query := source.Query[int](target.session, target.in("SELECT v FROM KS.events"))
	got, err := query.Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, got, 10)
	_, err = query.Payload(map[string][]byte{"who": []byte("ann")}).Page(t.Context())
	require.ErrorIs(t, err, cql.Config)
	require.ErrorContains(t, err, "ProtoVersion")
}
