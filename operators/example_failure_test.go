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
	show(op.Retry(unsteady, op.Backoff{Base: time.Millisecond}, op.Is(errReset)))
	// Output: [1 1 1 2]
}

// Predicates say which classes of errors are worth another attempt; one that none of them knows is final. The classes
// of Cassandra's errors, such as cql.Unavailable, can be given to Is.
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
	show(op.Retry(src, op.Backoff{Base: time.Millisecond}, isTimeout, op.Is(syscall.ECONNRESET)))
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

// Each call counts itself, so that one in five may be repeated when all fail; RetryItem knows only of those that fail.
func ExampleBackoff() {
	budget := op.NewBudget(0.2, 1)
	attempts := 0
	ask := func(context.Context, int) (string, error) {
		budget.Request()
		attempts++
		return "", errors.New("down")
	}
	calm := op.RetryItem[int](op.Backoff{Base: time.Microsecond, Budget: budget})
	answers := op.TryMap(rx.Range(0, 100), ask, calm, op.SkipItem)
	fmt.Println(answers.Collect(context.Background()))
	fmt.Println("between 110 and 150 attempts:", 110 < attempts && attempts < 150)
	// Output:
	// [] <nil>
	// between 110 and 150 attempts: true
}

func ExampleIs() {
	down := op.Is(os.ErrDeadlineExceeded, syscall.ECONNRESET)
	fmt.Println(down(fmt.Errorf("asking for a page: %w", syscall.ECONNRESET)), down(os.ErrNotExist))
	// Output: true false
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
	show(op.ResumeWith(live, cached, op.Is(errDown)))
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
	patient := op.RetryItem[string](op.Backoff{Attempts: 3, Base: time.Millisecond}, op.Is(errBusy))
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
