package rx_test

import (
	"context"
	"fmt"

	"github.com/rxcql/rxcql/rx"
)

// batcher is a Subscriber that takes two items at a time.
type batcher struct {
	subscription rx.Subscription
	batch        []int
}

func (b *batcher) OnSubscribe(s rx.Subscription) {
	b.subscription = s
	s.Request(2)
}

func (b *batcher) OnNext(v int) {
	b.batch = append(b.batch, v)
	if len(b.batch) == 2 {
		fmt.Println("got", b.batch)
		b.batch = nil
		b.subscription.Request(2) // never more than two are on their way
	}
}

func (b *batcher) OnError(err error) { fmt.Println("failed:", err) }

func (b *batcher) OnComplete() { fmt.Println("complete, and got", b.batch) }

func ExampleObservable_Subscribe() {
	err := rx.Range(1, 5).Subscribe(context.Background(), &batcher{})
	fmt.Println(err)
	// Output:
	// got [1 2]
	// got [3 4]
	// complete, and got [5]
	// <nil>
}

// single takes one item and leaves.
type single struct{ rx.Subscription }

func (s *single) OnSubscribe(sub rx.Subscription) { s.Subscription = sub; sub.Request(1) }
func (s *single) OnNext(v int)                    { fmt.Println(v); s.Cancel() }
func (s *single) OnError(error)                   { fmt.Println("never called") }
func (s *single) OnComplete()                     { fmt.Println("never called") }

func ExampleSubscription() {
	fmt.Println(rx.Range(1, 1_000_000_000).Subscribe(context.Background(), &single{}))
	// Output:
	// 1
	// <nil>
}
