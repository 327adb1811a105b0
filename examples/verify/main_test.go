package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/examples/internal/sample"
)

func TestMain(m *testing.M) {
	// A driver that is closed soon after it connected may still be filling its pool, which it does in the background.
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/gocql/gocql.(*hostConnPool).fill.func1"),
		goleak.IgnoreAnyFunction("github.com/gocql/gocql.(*hostConnPool).connect"),
		goleak.IgnoreAnyFunction("github.com/gocql/gocql.(*controlConn).heartBeat"))
}

// shop is a server with a table of 3,000 rows, and the flag that names it.
func shop(t *testing.T, options ...cqltest.Option) (*cqltest.Server, string) {
	server := cqltest.NewServer(options...)
	t.Cleanup(server.Close)
	sample.Write(server, "shop.orders", 3000)
	config := server.Cluster()
	return server, "-hosts=" + net.JoinHostPort(config.Hosts[0], strconv.Itoa(config.Port))
}

func verify(t *testing.T, args ...string) (int, string) {
	t.Helper()
	var out bytes.Buffer
	code, err := run(context.Background(), args, &out, io.Discard)
	require.NoError(t, err)
	return code, out.String()
}

func TestWithoutFlagsTheDifferencesOfACopyAreFound(t *testing.T) {
	code, out := verify(t, "-rows=5000")
	require.Equal(t, differs, code)
	require.Contains(t, out, " DIFFERS: ")
	require.Regexp(t, `2 of \d+ ranges differ; 5000 rows \| 4999 rows\n$`, out)
}

func TestTablesOfTwoClustersWithOtherTokens(t *testing.T) {
	_, one := shop(t)
	other, two := shop(t, cqltest.Nodes(3), cqltest.VNodes(4))
	args := []string{one, "-splits=50", "-all", "shop.orders", "--", two, "-consistency=ONE", "shop.orders"}
	code, out := verify(t, args...)
	require.Equal(t, same, code)
	require.Contains(t, out, "0 of 50 ranges differ; 3000 rows | 3000 rows\n")
	require.Equal(t, 51, strings.Count(out, "\n"))

	for change, back := range map[string]string{
		"UPDATE shop.orders SET cents = 5 WHERE customer = 3 AND number = 7":     "UPDATE shop.orders SET cents = 212 WHERE customer = 3 AND number = 7",
		"UPDATE shop.orders SET note = '' WHERE customer = 3 AND number = 7":     "UPDATE shop.orders SET note = null WHERE customer = 3 AND number = 7",
		"INSERT INTO shop.orders (customer, number) VALUES (-1, 1)":              "DELETE FROM shop.orders WHERE customer = -1",
		"UPDATE shop.orders SET item = null WHERE customer = 29 AND number = 99": "UPDATE shop.orders SET item = 'tea' WHERE customer = 29 AND number = 99",
	} {
		other.MustExec(change)
		code, out = verify(t, args...)
		require.Equal(t, differs, code, change)
		require.Contains(t, out, "1 of 50 ranges differ; ")
		require.Equal(t, 1, strings.Count(out, " DIFFERS: "))
		other.MustExec(back)
		code, out = verify(t, args...)
		require.Equal(t, same, code, "%s\n%s", back, out)
	}
}

func TestColumnsThatAreLeftOutMayDiffer(t *testing.T) {
	server, hosts := shop(t)
	sample.Write(server, "shop.copy", 3000)
	server.MustExec("UPDATE shop.copy SET cents = 5 WHERE customer = 3 AND number = 7")
	code, _ := verify(t, hosts, "shop.orders", "shop.copy")
	require.Equal(t, differs, code)
	code, _ = verify(t, hosts, "-columns=customer,number,item", "shop.orders", "shop.copy")
	require.Equal(t, same, code)
}

func TestTrouble(t *testing.T) {
	server, hosts := shop(t)
	server.MustExec("CREATE TABLE shop.other (customer text, number int, PRIMARY KEY (customer, number))")
	server.MustExec("CREATE TABLE shop.retyped (customer int, number int, item int, PRIMARY KEY (customer, number))")
	for text, args := range map[string][]string{
		"name two tables":                  {hosts, "shop.orders"},
		"-h lists the flags":               {"-x"},
		"behind --":                        {hosts, "shop.orders", "--", "-x"},
		"-hosts must be given":             {hosts, "shop.orders", "--", "shop.orders"},
		"at least 1":                       {hosts, "-splits=0", "shop.orders", "shop.orders"},
		"shop.nothing":                     {hosts, "shop.orders", "shop.nothing"},
		"primary keys of different types":  {hosts, "-columns=number", "shop.orders", "shop.other"},
		"column item is text in shop.orde": {hosts, "-columns=item", "shop.orders", "shop.retyped"},
	} {
		code, err := run(context.Background(), args, io.Discard, io.Discard)
		require.Equal(t, trouble, code)
		require.ErrorContains(t, err, text)
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := run(stopped, []string{hosts, "shop.orders", "shop.orders"}, io.Discard, io.Discard)
	require.ErrorIs(t, err, context.Canceled)

	code, out := verify(t, "-h")
	require.Equal(t, same, code)
	require.Contains(t, out, "-columns names")
}

func TestTheSumDoesNotDependOnTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sums := rapid.SliceOf(rapid.Custom(func(t *rapid.T) sum {
			return sum{1, rapid.Uint64().Draw(t, "hi"), rapid.Uint64().Draw(t, "lo")}
		})).Draw(t, "sums")
		shuffled := rapid.Permutation(sums).Draw(t, "shuffled")
		var a, b sum
		for i := range sums {
			a, b = a.plus(sums[i]), b.plus(shuffled[i])
		}
		require.Equal(t, a, b)
		require.EqualValues(t, len(sums), a.rows)
	})
	require.Equal(t, sum{2, 1, 0}, sum{1, 0, 1}.plus(sum{1, 0, ^uint64(0)}), "it carries")
	require.Equal(t, "2 rows 00000000000000010000000000000000", fmt.Sprint(sum{2, 1, 0}))
}
