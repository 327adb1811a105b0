package sink_test

import (
	"bufio"
	"context"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
)

// at yields the numbers of ms, each so many after the start, and completes.
func at(ms ...int) rx.Observable[int] {
	return func(ctx context.Context, yield func(int) bool) error {
		start := time.Now()
		for _, n := range ms {
			select {
			case <-time.After(time.Duration(n)*time.Millisecond - time.Since(start)):
			case <-ctx.Done():
				return rx.Cause(ctx)
			}
			if !yield(n) {
				return nil
			}
		}
		return nil
	}
}

// arrivals gives the lines of an answer, but for empty ones, with the time of each since the request.
func arrivals(t *testing.T, client *http.Client, r *http.Request) (lines []string, times []time.Duration) {
	t.Helper()
	start := time.Now()
	response, err := client.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	for s := bufio.NewScanner(response.Body); s.Scan(); {
		if s.Text() != "" {
			lines, times = append(lines, s.Text()), append(times, time.Since(start))
		}
	}
	return lines, times
}

func ms(ns ...int) (ds []time.Duration) {
	for _, n := range ns {
		ds = append(ds, time.Duration(n)*time.Millisecond)
	}
	return ds
}

func TestARowThatComesAloneIsSentAtOnce(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		h, _ := answering(at(0, 10, 50, 400, 450, 1000, 3000, 5000), nil)
		lines, times := arrivals(t, overPipe(t, &http.Server{Handler: h}), request(t, "http://x/"))
		require.Equal(t, []string{"0", "10", "50", "400", "450", "1000", "3000", "5000"}, lines)
		require.Equal(t, ms(0, 100, 100, 400, 500, 1000, 3000, 5000), times, "at most one block in 100 ms")
	})
}

// In HTTP/2 a write deadline that passes resets the stream, also while nothing is being written.
func TestASilenceLongerThanTheDeadlinesBreaksNothing(t *testing.T) {
	for _, two := range []bool{false, true} {
		protocols := new(http.Protocols)
		protocols.SetHTTP1(!two)
		protocols.SetUnencryptedHTTP2(two)
		virtualtime.Test(t, func(t *testing.T) {
			h, outcomes := answering(at(5000, 10_000), func(x sink.Response[int]) sink.Response[int] { return x.WriteTimeout(2 * time.Second) })
			server := &http.Server{Handler: h, ReadTimeout: time.Second, WriteTimeout: time.Second, Protocols: protocols}
			response, text, err := get(t, overPipe(t, server), request(t, "http://x/"))
			require.NoError(t, err)
			require.Equal(t, two, response.ProtoMajor == 2)
			require.Equal(t, "5000\n10000\n", text)
			require.NoError(t, (<-outcomes).err)
		})
	}
}

// blocks counts the writes of a response.
type blocks struct {
	http.ResponseWriter
	n *int
}

func (b blocks) Unwrap() http.ResponseWriter { return b.ResponseWriter }

func (b blocks) Write(p []byte) (int, error) {
	*b.n++
	return b.ResponseWriter.Write(p)
}

func TestRowsThatComeFastAreSentInBlocks(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		const rows = 50_000
		n := 0
		client := overPipe(t, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_ = sink.HTTP[item](blocks{w, &n}, r).Flush(time.Hour, 8<<10).Sink()(r.Context(), items(rows))
		})})
		_, text, err := get(t, client, request(t, "http://x/"))
		require.NoError(t, err)
		require.Equal(t, rows, strings.Count(text, "\n"))
		require.LessOrEqual(t, n, 2+len(text)/(8<<10), "the first row, full blocks, and the rest")
	})
}

func TestHeartbeats(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		h, _ := answering(at(25_000, 31_000, 50_000), func(x sink.Response[int]) sink.Response[int] { return x.Heartbeat(10 * time.Second) })
		client := overPipe(t, &http.Server{Handler: h})
		lines, times := arrivals(t, client, request(t, "http://x/", "Accept", "text/event-stream"))
		require.Equal(t, []string{"retry: 3000", ":", ":", "data: 25000", "data: 31000", ":", "data: 50000", "event: end", `data: {"rows":3}`}, lines)
		require.Equal(t, ms(10_000, 10_000, 20_000, 25_000, 31_000, 41_000, 50_000, 50_000, 50_000), times, "after each silence of 10 s")

		lines, _ = arrivals(t, client, request(t, "http://x/"))
		require.Equal(t, []string{"25000", "31000", "50000"}, lines, "other forms have none")
	})
}

// Time-outs of the server that are shorter than the stream do not cut it off.
func TestAStreamOutlivesTheServersTimeouts(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		h, outcomes := answering(at(0, 40_000, 80_000), nil)
		client := overPipe(t, &http.Server{Handler: h, ReadTimeout: 10 * time.Second, WriteTimeout: 20 * time.Second})
		_, times := arrivals(t, client, request(t, "http://x/"))
		require.Equal(t, ms(0, 40_000, 80_000), times)
		require.NoError(t, (<-outcomes).err)

		lines, _ := arrivals(t, client, request(t, "http://x/"))
		require.Len(t, lines, 3, "the connection is good for another one")
	})
}

func TestAClientThatDoesNotReadIsGivenUp(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		h, outcomes := answering(rx.Range(0, 1_000_000), func(x sink.Response[int]) sink.Response[int] { return x.WriteTimeout(20 * time.Second) })
		client := overPipe(t, &http.Server{Handler: h})
		response, err := client.Do(request(t, "http://x/"))
		require.NoError(t, err)
		defer response.Body.Close()
		start := time.Now()
		o := <-outcomes
		require.Equal(t, 20*time.Second, time.Since(start))
		require.ErrorIs(t, o.err, sink.ErrClientGone)
		require.ErrorIs(t, o.err, os.ErrDeadlineExceeded)
	})
}
