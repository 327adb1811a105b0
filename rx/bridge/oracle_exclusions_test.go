package bridge_test

// exclusions are all the cases in which ours do not give what rxgo v2.5.0 gives, each with the place in rxgo that is
// wrong there. All but that of ZipFromIterable, which the test found, were read there before it was run.
var exclusions = []exclusion{
	{
		operators: "Take",
		why:       "it is complete only when it has seen one item more, or the error in that place",
		source:    "observable_operator.go:2382: stop is called for the item after the last",
		where:     func(d draw) bool { return d.in.fails && len(d.in.items) == d.n },
		witness:   &draw{in: finite{items: []int{1, 2}, fails: true}, n: 2},
	},
	{
		operators: "ElementAt",
		why:       "a position after the end is an error",
		source:    "observable_operator.go:940: documented by its type only; Observable.First gives rx.ErrEmpty",
		where:     func(d draw) bool { return !d.in.fails && len(d.in.items) <= d.n },
		witness:   &draw{in: finite{items: []int{1}}, n: 1},
	},
	{
		operators: "BufferWithCount BufferBy",
		why:       "the rest comes after the error instead of before it",
		source:    "observable_operator.go:429 sends the error, 433 the rest; its comment promises the other order",
		where:     func(d draw) bool { return d.in.fails && len(d.in.items)%(d.n+1) != 0 },
		witness:   &draw{in: finite{items: []int{1, 2, 3}, fails: true}, n: 1},
	},
	{
		operators: "Merge",
		why:       "an error does not stop the other streams, whose items come after it",
		source:    "factory.go:257: each stream's goroutine ends by itself",
		where:     func(d draw) bool { return d.in.fails || d.other.fails },
	},
	{
		operators: "GroupBy GroupByDynamic",
		why:       "the function that gives the key is called with the error, which goes to one group",
		source:    "observable_operator.go:1335, 1378: distribution is called with every item",
		where:     func(d draw) bool { return d.in.fails },
	},
	{
		operators: "ZipFromIterable",
		why:       "it does not notice that the second stream has ended before the first goes on",
		source:    "observable_operator.go:2960: the second is read only after an item of the first",
		where:     func(d draw) bool { return len(d.in.items) == len(d.other.items) && d.in.fails != d.other.fails },
	},
	{
		operators: "CombineLatest",
		why:       "what follows an error depends on timing",
		source:    "factory.go:92: errors are sent by each stream's goroutine, past the lock that orders the items",
		where:     func(d draw) bool { return d.in.fails || d.other.fails },
	},
	{
		operators: "OnErrorResumeNext",
		why:       "the stream that it goes on with is replaced, too, when it fails, without end",
		source:    "observable_operator.go:1623: resetIterable for every error",
		where:     func(d draw) bool { return d.in.fails && d.other.fails },
	},
	{
		operators: "SkipLast",
		why:       "it gives the first n items instead of all but the last n",
		source:    "observable_operator.go:2184: the same as Take",
		witness:   &draw{in: finite{items: []int{1, 2, 3}}, n: 1},
	},
	{
		operators: "TakeLast",
		why:       "of 0 it ends the process",
		source:    "observable_operator.go:2420: a ring.Ring of no elements is nil",
		where:     func(d draw) bool { return d.n == 0 && len(d.in.items) > 0 },
	},
	{
		operators: "Count",
		why:       "it hides the error",
		source:    "observable_operator.go:658: err only stops",
		where:     func(d draw) bool { return d.in.fails },
		witness:   &draw{in: finite{items: []int{1}, fails: true}},
	},
	{
		operators: "SumInt64",
		why:       "of nothing it is nothing instead of 0",
		source:    "observable_operator.go:1718: a fold without a seed, as the sums are",
		where:     func(d draw) bool { return !d.in.fails && len(d.in.items) == 0 },
		witness:   &draw{n: 1},
	},
}
