package flow

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rxcql/rxcql/rx"
)

// failure is what a run has failed with.
type failure struct {
	err  error // until its text is there
	text atomic.Pointer[story]
}

// story is what is shown of an error.
type story struct{ text, class string }

// These are shown in place of a text.
const (
	notYet  = "its text is not known yet: ErrorText, or Error, of this one or of another takes long"
	notEver = "its text cannot be told: ErrorText, or Error, panicked"
)

// told is the text and the class, as far as they are known.
func (f *failure) told() story {
	if f == nil {
		return story{}
	}
	if told := f.text.Load(); told != nil {
		return *told
	}
	return story{text: notYet}
}

// teller makes the texts of errors. The functions that do are the users', and may do what they like: block, panic, exit. So
// no stream calls them but who looks first, and on a goroutine of their own, of which there is one at a time; who looks waits
// for it, but not for long.
type teller struct {
	mu    sync.Mutex
	since time.Time     // when it began
	done  chan struct{} // nil if none is at work
}

// patience is how long those who look wait for texts.
const patience = 100 * time.Millisecond

// tell makes the texts of those that have none yet.
func (k *keeper) tell(ended []*record) {
	var news []*failure
	for _, at := range ended {
		if f := at.failure; f != nil && f.text.Load() == nil {
			news = append(news, f)
		}
	}
	if len(news) == 0 {
		return
	}
	t := &k.teller
	t.mu.Lock()
	if t.done == nil {
		t.since, t.done = time.Now(), make(chan struct{})
		go t.work(news, k.text)
	}
	done, left := t.done, patience-time.Since(t.since)
	t.mu.Unlock()
	if left <= 0 {
		return
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}

func (t *teller) work(news []*failure, text func(error) string) {
	defer func() { // also if one has exited: the others are for the next look
		t.mu.Lock()
		defer t.mu.Unlock()
		close(t.done)
		t.done = nil
	}()
	for _, f := range news {
		if f.text.Load() == nil { // those of the look before
			f.tell(text)
		}
	}
}

// tell makes the text. Only one goroutine at a time does.
func (f *failure) tell(text func(error) string) {
	told := story{text: notEver}
	defer func() {
		_ = recover()
		f.err = nil
		f.text.Store(&told)
	}()
	told = story{text(f.err), classOf(f.err)}
}

// classOf gives the class of an error, if it has one; by its methods, since package cql is nothing that streams need.
func classOf(err error) string {
	var class interface { // cql.Class
		error
		Hint() string
		Retryable(idempotent bool) bool
	}
	if errors.As(err, &class) {
		return class.Error()
	}
	return ""
}

// mostOfError is how many bytes of an error are shown.
const mostOfError = 300

// text gives the text of the error that a run has failed with.
func (k *keeper) text(err error) string {
	if k.options.ErrorText != nil {
		return k.options.ErrorText(err)
	}
	return cut(public(err), mostOfError)
}

// serverError is gocql.RequestError: an error that a server has answered with. What it says may show values of a statement.
type serverError interface {
	error
	Code() int
	Message() string
}

// public is what an error says, but for what panics were raised with, and what servers have said.
func public(err error) string {
	if _, panicked := err.(*rx.PanicError); panicked {
		return "panicked"
	}
	text := err.Error()
	var hide func(error)
	hide = func(err error) {
		switch e := err.(type) {
		case nil:
			return
		case *rx.PanicError:
			text = strings.ReplaceAll(text, e.Error(), "panicked")
			return
		case serverError:
			if said := e.Message(); said != "" {
				text = strings.ReplaceAll(text, said, fmt.Sprintf("the server's error 0x%04x", e.Code()))
			}
		}
		switch e := err.(type) {
		case interface{ Unwrap() error }:
			hide(e.Unwrap())
		case interface{ Unwrap() []error }:
			for _, cause := range e.Unwrap() {
				hide(cause)
			}
		}
	}
	hide(err)
	return text
}
