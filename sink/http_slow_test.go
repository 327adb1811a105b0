package sink_test

import (
	"bufio"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

type event struct {
	Bucket, ID int
	Payload    string
}

const (
	eventBytes = 1 << 10 // of a payload
	eventRows  = 5000
	eventPage  = 100 // rows
)

// eventsInBubble is a server with a table of 5,000 rows of 1 KiB.
func eventsInBubble(t *testing.T) (*cqltest.Server, *cql.Session) {
	server, session := serveInBubble(t)
	server.MustExec("CREATE TABLE shop.events (bucket int, id int, payload text, PRIMARY KEY (bucket, id))")
	payload := strings.Repeat("x", eventBytes)
	server.Generate("shop.events", cqltest.Generator{
		Partitions: 1, Rows: eventRows,
		Key: func(int) []any { return []any{0} },
		Row: func(_, r int) []any { return []any{r, payload} },
	})
	return server, session
}

func events(session *cql.Session, readAhead int) source.Select[event] {
	return source.Query[event](session, "SELECT bucket, id, payload FROM shop.events").PageSize(eventPage).ReadAhead(readAhead)
}

// reader is a client that reads rows when it likes.
type reader struct {
	body io.ReadCloser
	*bufio.Scanner
	rows int
}

func newReader(t *testing.T, client *http.Client) *reader {
	response, err := client.Do(request(t, "http://x/"))
	require.NoError(t, err)
	return &reader{body: response.Body, Scanner: bufio.NewScanner(response.Body)}
}

// read reads n rows, or fewer at the end.
func (r *reader) read(n int) {
	for ; n > 0 && r.Scan(); n-- {
		r.rows++
	}
}

func TestASlowClientSlowsTheQuery(t *testing.T) {
	for _, readAhead := range []int{0, 1, 3} {
		virtualtime.Test(t, func(t *testing.T) {
			server, session := eventsInBubble(t)
			h, outcomes := answering(events(session, readAhead).Rows(), func(x sink.Response[event]) sink.Response[event] { return x.WriteTimeout(time.Hour) })
			r := newReader(t, overPipe(t, &http.Server{Handler: h}))
			defer r.body.Close()
			// What is on the way from the page to the client: the queue, a block, and the client's own buffer.
			const underway = 32 + 16 + 16
			for r.rows < eventRows {
				time.Sleep(30 * time.Second)
				synctest.Wait()
				pages := 1 + (r.rows+underway)/eventPage + readAhead
				require.LessOrEqual(t, server.Pages("shop.events"), min(pages, eventRows/eventPage), "after %d rows", r.rows)
				r.read(70)
			}
			r.read(1)
			require.NoError(t, r.Err())
			require.NoError(t, (<-outcomes).err)
			require.Equal(t, eventRows/eventPage, server.Pages("shop.events"))
		})
	}
}

func TestAClientThatIsGoneEndsTheQuery(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := eventsInBubble(t)
		h, outcomes := answering(events(session, 2).Rows(), nil)
		r := newReader(t, overPipe(t, &http.Server{Handler: h}))
		r.read(250)
		synctest.Wait()
		before := server.Pages("shop.events")
		require.Less(t, before, 10)
		require.NoError(t, r.body.Close())
		require.ErrorIs(t, (<-outcomes).err, sink.ErrClientGone)
		time.Sleep(time.Hour)
		require.Equal(t, before, server.Pages("shop.events"), "no page is asked for any more")
	})
}

// A client that leaves while a page is on its way is noticed at once, not when the page has come.
func TestAClientThatLeavesWhileThePageIsUnderWay(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := eventsInBubble(t)
		server.Inject(cqltest.Fault{Match: cqltest.On("shop.events"), After: 2, Delay: 10 * time.Second})
		h, outcomes := answering(events(session, 0).Rows(), nil)
		r := newReader(t, overPipe(t, &http.Server{Handler: h}))
		r.read(2 * eventPage)
		synctest.Wait()
		start := time.Now()
		require.NoError(t, r.body.Close())
		require.ErrorIs(t, (<-outcomes).err, sink.ErrClientGone)
		require.Equal(t, start, time.Now())
		time.Sleep(time.Hour)
		require.Equal(t, 3, server.Pages("shop.events"))
	})
}

// holding has that many clients read one row of a stream each, and gives them and the memory that is live for each, when
// everything that may go on without them has.
func holding(t *testing.T, h http.Handler) (all []*reader, each int) {
	client := overPipe(t, &http.Server{Handler: h})
	live := func() int {
		synctest.Wait()
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return int(stats.HeapAlloc)
	}
	before := live()
	for range readers {
		r := newReader(t, client)
		r.read(1)
		all = append(all, r)
	}
	return all, (live() - before) / readers
}

func patient(x sink.Response[event]) sink.Response[event] { return x.WriteTimeout(time.Hour) }

// A thousand clients that read a row now and then hold the pages that reading ahead allows, and nothing after they have
// gone: the bubble ends only when all goroutines have.
func TestAThousandSlowReaders(t *testing.T) {
	connection := 0 // what a client costs whose stream has no page, on both sides
	virtualtime.Test(t, func(t *testing.T) {
		h, _ := answering(operators.Concat(rx.From(event{}), rx.Never[event]()), patient)
		all, each := holding(t, h)
		for _, r := range all {
			_ = r.body.Close()
		}
		connection = each
	})
	for _, readAhead := range []int{0, 1} {
		virtualtime.Test(t, func(t *testing.T) {
			server, session := eventsInBubble(t)
			h, outcomes := answering(events(session, readAhead).Rows(), patient)
			all, each := holding(t, h)
			require.LessOrEqual(t, server.Pages("shop.events"), readers*(1+readAhead))
			// A page is held as it came. Rows are decoded one by one, so besides it there are those that are on their way
			// to the client.
			const page, underway = eventPage*(eventBytes+50) + 8<<10, (32 + 1) * (eventBytes + 100)
			t.Logf("%d readers, %d pages ahead: %.1f KiB for each; a page has %.1f, a connection %.1f",
				readers, readAhead, float64(each)/1024, page/1024.0, float64(connection)/1024)
			require.LessOrEqual(t, each, (1+readAhead)*page+underway+16<<10+connection, "pages, rows, a block, a connection")

			// Half of them leave, the others go on reading slowly, all at the same time, and leave then.
			var wg sync.WaitGroup
			for i, r := range all {
				wg.Go(func() {
					defer r.body.Close()
					for left := i % 2 * 10; left > 0; left-- {
						time.Sleep(time.Second)
						r.read(20)
					}
				})
			}
			wg.Wait()
			for _, r := range all {
				require.NoError(t, r.Err())
				require.ErrorIs(t, (<-outcomes).err, sink.ErrClientGone)
			}
			require.LessOrEqual(t, server.Pages("shop.events"), readers*(1+readAhead)+readers/2*3, "200 rows more, and what is ahead of them")
		})
	}
}
