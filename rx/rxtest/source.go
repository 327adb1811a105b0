package rxtest

import (
	"github.com/rxcql/rxcql/rx"
)

// Mode says how the runs of a stream hang together: rule 4 and its exemptions.
type Mode int

const (
	// Cold runs are independent and equal, one after the other and at once. It is the default.
	Cold Mode = iota
	// Once is for one-shot inputs, such as a channel: all runs but one return rx.ErrConsumed.
	Once
	// Shared is for documented exemptions, whose runs may influence each other. Nothing is said about several runs.
	Shared
)

// Case describes a source and what is to come out of it.
type Case[T any] struct {
	// New makes the stream: once in mode Cold, else once for each run.
	New func() rx.Observable[T]

	// Want is what a full run yields, compared with reflect.DeepEqual; as a multiset if Unordered.
	Want      []T
	Unordered bool

	// Endless streams do not end by themselves; Want is what they begin with.
	Endless bool

	// Err is how a full run ends, by errors.Is; nil if the stream completes.
	Err error

	Mode Mode

	// Open, if set, is asked as soon as a run has ended, on its goroutine, or when all have ended that were under way
	// together; it returns an error that names what should have been closed.
	Open func() error

	// Foreign names functions (as "net/http.(*persistConn)") by whose presence on the stack goroutines are
	// recognised that a run may start and leave behind because they belong to something that outlives it.
	Foreign []string
}

// Source checks that a stream keeps the contract and yields what it should.
func Source[T any](t TB, c Case[T]) {
	t.Helper()
	s := &suite[T]{
		t:         t,
		make:      c.New,
		want:      c.Want,
		unordered: c.Unordered,
		endless:   c.Endless,
		err:       c.Err,
		mode:      c.Mode,
		foreign:   c.Foreign,
		bubble:    inBubble(),
	}
	if c.Open != nil {
		s.atEnd = func(string) error {
			if s.together {
				return nil // what is open may belong to another run
			}
			return c.Open()
		}
	}
	if c.Mode == Cold {
		src := c.New()
		s.make = func() rx.Observable[T] { return src }
	}
	defer part(s.bubble)
	s.all()
}
