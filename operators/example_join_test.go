package operators_test

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func ExampleZip() {
	names, places := rx.From("ada", "grace", "barbara"), rx.Range(1, 100)
	show(op.Zip(names, places, func(name string, place int) string { return fmt.Sprint(place, " ", name) }))
	// Output: [1 ada 2 grace 3 barbara]
}

func ExampleInterleave() {
	urgent, normal := rx.From("u1", "u2", "u3"), rx.From("n1", "n2", "n3", "n4")
	show(op.Interleave(2, urgent, normal))
	// Output: [u1 u2 n1 n2 u3 n3 n4]
}

func ExampleCombineLatest() {
	factors := rx.From(10) // in a service: the configuration, whenever it changes
	values := rx.From(1)
	show(op.CombineLatest(factors, values, func(f, v int) int { return f * v }))
	// Output: [10]
}

func ExampleMergeSorted() {
	monday, tuesday := rx.From("08:00 a", "09:30 b"), rx.From("08:15 c", "09:30 d", "11:00 e")
	show(op.MergeSorted(strings.Compare, monday, tuesday))
	// Output: [08:00 a 08:15 c 09:30 b 09:30 d 11:00 e]
}

func ExampleJoinSorted() {
	type user struct {
		ID   int
		Name string
	}
	type order struct {
		User int
		Item string
	}
	users := rx.From(user{1, "ada"}, user{2, "grace"}, user{3, "barbara"})
	orders := rx.From(order{1, "pen"}, order{1, "ink"}, order{3, "lamp"})
	joined := op.JoinSorted(users, orders, op.LeftJoin, 1000,
		func(u user) int { return u.ID }, func(o order) int { return o.User }, cmp.Compare[int])
	for j, err := range joined.All(context.Background()) {
		fmt.Println(j.Left.Name, j.Right.Item, j.HasRight, err)
	}
	// Output:
	// ada pen true <nil>
	// ada ink true <nil>
	// grace  false <nil>
	// barbara lamp true <nil>
}
