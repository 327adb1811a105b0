package cqltest

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Fault is something that goes wrong, or slowly, with some requests. The zero value does nothing. What it does to one
// request comes in this order: Before, the statement, Delay, Hold, the answer.
type Fault struct {
	// Match says which requests are meant; nil means User. It is called without a lock, from several goroutines.
	// A sink sends rows alone or in batches, so for a row that is never taken look at both:
	//
	//	func(r cqltest.Request) bool {
	//		inBatch := slices.ContainsFunc(r.Batch, func(e cqltest.BatchEntry) bool { return slices.Contains(e.Values, any(7)) })
	//		return cqltest.User(r) && !r.IsSelect() && (inBatch || slices.Contains(r.Values, any(7)))
	//	}
	Match func(Request) bool
	After int // let this many matching requests pass first
	Times int // then do it to this many; 0 for all

	// Before runs before the statement does, without a lock; it may use the server. If it changes the schema, an EXECUTE
	// is answered with Unprepared, and the client prepares again and repeats it, which matches again: set Times.
	Before   func(Request)
	Delay    time.Duration     // wait before answering
	Hold     <-chan struct{}   // wait until it is closed before answering
	Warnings []string          // that the answer carries
	Payload  map[string][]byte // custom, that the answer carries

	// Of Err, Lose, Drop and ApplyThenDrop one at most.
	Err           error // answer with this instead of running the statement; see ReadTimeout and the others
	ApplyThenErr  bool  // with Err: run the statement first
	Lose          bool  // run the statement, never answer
	Drop          bool  // close the connection instead of running the statement and answering
	ApplyThenDrop bool  // run the statement, then close the connection
}

// check panics if the fault contradicts itself.
func (f *Fault) check() {
	var ends []string
	for _, end := range []struct {
		name string
		set  bool
	}{{"Err", f.Err != nil}, {"Lose", f.Lose}, {"Drop", f.Drop}, {"ApplyThenDrop", f.ApplyThenDrop}} {
		if end.set {
			ends = append(ends, end.name)
		}
	}
	switch {
	case len(ends) > 1:
		panic("cqltest: Inject: a request cannot end in more than one way: " + strings.Join(ends, " and "))
	case f.ApplyThenErr && f.Err == nil:
		panic("cqltest: Inject: ApplyThenErr without an Err to answer with")
	}
}

// Injected is a fault in force.
type Injected struct {
	fault  Fault
	faults *faults
	mu     sync.Mutex
	seen   int
	hits   int
}

// Remove ends the fault; it is for requests that arrive from now on.
func (i *Injected) Remove() { i.faults.remove(i) }

// Hits is the number of requests that the fault was done to.
func (i *Injected) Hits() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.hits
}

// strike counts a matching request and says whether it is one to be hit.
func (i *Injected) strike() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.seen++
	n := i.seen - i.fault.After
	if n <= 0 || i.fault.Times > 0 && n > i.fault.Times {
		return false
	}
	i.hits++
	return true
}

// faults are those in force, in the order of their injection.
type faults struct {
	mu   sync.Mutex
	list []*Injected
}

func (f *faults) remove(i *Injected) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = slices.DeleteFunc(slices.Clone(f.list), func(x *Injected) bool { return x == i })
}

// choose returns the fault for a request: the first that matches and strikes.
func (f *faults) choose(r *Request) *Fault {
	f.mu.Lock()
	list := f.list // never changed in place
	f.mu.Unlock()
	if len(list) == 0 {
		return nil
	}
	decoded := r.decode()
	for _, i := range list {
		match := i.fault.Match
		if match == nil {
			match = User
		}
		if match(decoded) && i.strike() {
			return &i.fault
		}
	}
	return nil
}

// Inject puts a fault in force for requests that arrive from now on. When several faults match a request, the one that
// was injected first and is neither waiting (After) nor used up (Times) is done; the later ones do not count it. It
// panics if the fault contradicts itself: two of Err, Lose, Drop and ApplyThenDrop, or ApplyThenErr without Err.
func (s *Server) Inject(f Fault) *Injected {
	f.check()
	i := &Injected{fault: f, faults: &s.faults}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = append(slices.Clone(s.faults.list), i)
	return i
}
