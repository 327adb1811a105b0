package operators_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// The stream fails twice after its first item. Note that the item comes again with each attempt.
func ExampleRetry() {
	errReset := errors.New("connection reset")
	attempt := 0
	unsteady := rx.New(func(_ context.Context, yield func(int) bool) error {
		attempt++
		if !yield(1) {
			return nil
		}
		if attempt < 3 {
			return errReset
		}
		yield(2)
		return nil
	})
	isReset := func(err error) bool { return errors.Is(err, errReset) }
	show(op.Retry(unsteady, op.Backoff{Base: time.Millisecond}, isReset))
	// Output: [1 1 1 2]
}

// Predicates say which classes of errors are worth another attempt; one that none of them knows is final. For errors of
// Cassandra, cql.ClassOf tells the class.
func ExampleRetry_classes() {
	errSyntax := errors.New("syntax error")
	attempt := 0
	src := rx.New(func(context.Context, func(int) bool) error {
		if attempt++; attempt == 1 {
			return fmt.Errorf("attempt 1: %w", os.ErrDeadlineExceeded)
		}
		return errSyntax
	})
	isTimeout := func(err error) bool {
		var timeout interface{ Timeout() bool }
		return errors.As(err, &timeout) && timeout.Timeout()
	}
	isReset := func(err error) bool { return errors.Is(err, syscall.ECONNRESET) }
	show(op.Retry(src, op.Backoff{Base: time.Millisecond}, isTimeout, isReset))
	fmt.Println("attempts:", attempt)
	// Output:
	// []
	// error: syntax error
	// attempts: 2
}

// A service is down. Each of 100 requests would be tried five times; the budget allows 10 retries at once, 1 more each
// second, and one for every fifth request.
func ExampleBudget() {
	attempts := 0
	down := rx.Defer(func(context.Context) (rx.Observable[int], error) {
		attempts++
		return nil, errors.New("down")
	})
	calm := op.Backoff{Base: time.Microsecond, Budget: op.NewBudget(0.2, 1)}
	for range 100 {
		_, _ = op.Retry(down, calm).Collect(context.Background())
	}
	fmt.Println("between 100 and 150 attempts:", 100 < attempts && attempts < 150)
	// Output: between 100 and 150 attempts: true
}

func ExampleBackoff_Delay() {
	b := op.Backoff{Base: time.Second, Max: 5 * time.Second, NoJitter: true}
	for failed := 1; failed <= 4; failed++ {
		fmt.Println(b.Delay(failed))
	}
	// Output:
	// 1s
	// 2s
	// 4s
	// 5s
}

func ExampleCatch() {
	errDown := errors.New("the service is down")
	live := op.Concat(rx.From(1, 2), rx.Fail[int](errDown))
	cached := rx.From(-3, -4)
	show(op.Catch(live, func(err error) rx.Observable[int] {
		if errors.Is(err, errDown) {
			return cached
		}
		return rx.Fail[int](err)
	}))
	// Output: [1 2 -3 -4]
}

func ExampleResumeWith() {
	errDown := errors.New("the service is down")
	live := op.Concat(rx.From(1, 2), rx.Fail[int](errDown))
	cached := rx.From(-3, -4)
	show(op.ResumeWith(live, cached, func(err error) bool { return errors.Is(err, errDown) }))
	// Output: [1 2 -3 -4]
}

// A poll loop: the jobs are asked for again a moment after the last answer was worked off.
func ExampleRepeat() {
	polls := 0
	jobs := rx.Defer(func(context.Context) (rx.Observable[string], error) {
		polls++
		return rx.From(fmt.Sprint("job ", polls)), nil
	})
	show(op.Take(op.Repeat(jobs, -1, time.Millisecond), 3))
	// Output: [job 1 job 2 job 3]
}

func ExampleFinally() {
	show(op.Finally(rx.From(1, 2), func() { fmt.Println("done") }))
	// Output:
	// done
	// [1 2]
}

// A file is opened when the stream is run, and closed when the consumer has seen enough.
func ExampleUsing() {
	lines := op.Using(
		func(context.Context) (*os.File, error) { return os.Open("doc.go") },
		func(f *os.File) rx.Observable[string] {
			return rx.New(func(_ context.Context, yield func(string) bool) error {
				s := bufio.NewScanner(f)
				for s.Scan() && yield(s.Text()) {
				}
				return s.Err()
			})
		},
		(*os.File).Close)
	show(op.Find(lines, func(line string) bool { return strings.HasPrefix(line, "package") }))
	// Output: [package operators]
}

func ExampleSkipItem() {
	parse := func(_ context.Context, line string) (int, error) { return strconv.Atoi(line) }
	show(op.TryMap(rx.From("1", "2", "three", "4"), parse, op.SkipItem))
	// Output: [1 2 4]
}

// A busy service is asked again, up to three times for each name; whom it does not know is skipped.
func ExampleRetryItem() {
	errBusy, errUnknown := errors.New("busy"), errors.New("unknown")
	calls := 0
	ask := func(_ context.Context, name string) (string, error) {
		switch calls++; {
		case name == "Bob":
			return "", errUnknown
		case calls < 3:
			return "", errBusy
		default:
			return "hello " + name, nil
		}
	}
	isBusy := func(err error) bool { return errors.Is(err, errBusy) }
	patient := op.RetryItem[string](op.Backoff{Attempts: 3, Base: time.Millisecond}, isBusy)
	show(op.TryMap(rx.From("Ada", "Bob", "Grace"), ask, patient, op.SkipItem))
	fmt.Println("calls:", calls)
	// Output:
	// [hello Ada hello Grace]
	// calls: 5
}

func ExampleDeadLetters() {
	lines := rx.From("1", "two", "3")
	report := func(ctx context.Context, rejected rx.Observable[op.Failure[string]]) error { // may write them to a table
		return rejected.ForEach(ctx, func(f op.Failure[string]) error {
			fmt.Printf("rejected %q: %v\n", f.Item, errors.Unwrap(f.Err))
			return nil
		})
	}
	parse := func(_ context.Context, line string) (int, error) { return strconv.Atoi(line) }
	parsed := op.DeadLetters(report, func(dead op.OnError[string]) rx.Observable[int] {
		return op.TryMap(lines, parse, dead)
	})
	items, err := parsed.Collect(context.Background())
	fmt.Println(items, err)
	// Output:
	// rejected "two": invalid syntax
	// [1 3] <nil>
}
