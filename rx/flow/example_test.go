package flow_test

import (
	"context"
	"fmt"
	"time"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/flow"
)

func ExampleMonitor() {
	monitor := flow.NewMonitor(flow.Options{})
	ctx := flow.With(context.Background(), monitor)

	orders := rx.Range(1, 100)
	big := flow.Named(op.Filter(orders, func(v int) bool { return v > 75 }), "big")
	err := op.Prefetch(big, 10).ForEach(ctx, func(int) error {
		time.Sleep(2 * time.Millisecond) // something slow
		return nil
	})
	fmt.Println(err)

	run := monitor.Snapshot().Runs[0]
	fmt.Println(run.State, "and waited for the", run.Bottleneck.Kind)
	for _, s := range run.Stages {
		fmt.Println(s.Kind, s.Name, s.In, s.Out)
	}
	// Output:
	// <nil>
	// completed and waited for the sink
	// sink ForEach 25 0
	// boundary Prefetch 25 25
	// step big 100 25
	// source Range 0 100
}

func ExampleDo() {
	monitor := flow.NewMonitor(flow.Options{})
	ctx := flow.With(context.Background(), monitor)
	err := flow.Do(ctx, "nightly", func(ctx context.Context) error {
		customers, err := rx.From("ann", "bob").Collect(ctx)
		if err != nil {
			return err
		}
		return flow.Named(rx.From(customers...), "customers").ForEach(ctx, func(string) error { return nil })
	})
	fmt.Println(err)
	for _, run := range monitor.Snapshot().Runs {
		fmt.Println(run.Name, run.State, len(run.Stages), "stages")
	}
	// Output:
	// <nil>
	// nightly completed 5 stages
}

func ExampleNamed() {
	monitor := flow.NewMonitor(flow.Options{})
	ctx := flow.With(context.Background(), monitor)
	squares := flow.Named(op.Map(rx.Range(1, 3), func(v int) int { return v * v }), "squares")
	fmt.Println(squares.Collect(ctx))
	fmt.Println(monitor.Snapshot().Runs[0].Stages[1].Name)
	// Output:
	// [1 4 9] <nil>
	// squares
}

func ExampleRun_Mermaid() {
	run := flow.Run{
		Stages: []flow.Stage{
			{ID: 0, Kind: flow.Sink, Name: "insert shop.orders", In: 1200, PerSecond: 100, Share: flow.Split{Own: 0.81}},
			{ID: 1, Kind: flow.Source, Name: "table shop.carts", Out: 1216, PerSecond: 101, Share: flow.Split{Own: 0.19}},
		},
		Edges:      []flow.Edge{{From: 1, To: 0}},
		Bottleneck: flow.Bottleneck{Stage: 0, Kind: flow.Sink, Name: "insert shop.orders", Share: 0.81},
	}
	fmt.Print(run.Mermaid())
	// Output:
	// flowchart LR
	//     s0[("sink insert shop.orders<br/>1,200 items<br/>100/s<br/>81% own work and unnamed steps")]
	//     s1(["source table shop.carts<br/>1,216 items<br/>101/s<br/>19% own work"])
	//     s1 --> s0
	//     style s0 stroke-width:4px
}
