package operators_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// functions are all that take a stream, function or pointer.
var functions = map[string]any{
	"Batch": op.Batch[int], "Broadcast": op.Broadcast[int], "Buffer": op.Buffer[int],
	"BufferAdjacent": op.BufferAdjacent[int, int], "BufferBy": op.BufferBy[int], "Catch": op.Catch[int],
	"CombineLatest": op.CombineLatest[int, int, int], "Concat": op.Concat[int], "ConcatMap": op.ConcatMap[int, int],
	"Conflate": op.Conflate[int, int], "DeadLetters": op.DeadLetters[int, int], "Debounce": op.Debounce[int],
	"DefaultIfEmpty": op.DefaultIfEmpty[int], "Distinct": op.Distinct[int, int],
	"DistinctUntilChanged": op.DistinctUntilChanged[int, int], "Divert": op.Divert[int], "Filter": op.Filter[int],
	"FilterMap": op.FilterMap[int, int], "Finally": op.Finally[int], "Find": op.Find[int],
	"FlatMap": op.FlatMap[int, int], "GroupBy": op.GroupBy[int, int, int], "Guarded": op.Guarded[int, int],
	"Interleave": op.Interleave[int], "JoinSorted": op.JoinSorted[int, int, int], "Killable": op.Killable[int],
	"Last": op.Last[int], "Limited": op.Limited[int, int, op.Permit], "LookupJoin": op.LookupJoin[int, int, int],
	"Map": op.Map[int, int], "MapAsync": op.MapAsync[int, int], "MapAsyncPartitioned": op.MapAsyncPartitioned[int, int, int],
	"MapAsyncUnordered": op.MapAsyncUnordered[int, int], "Merge": op.Merge[int], "MergeSorted": op.MergeSorted[int],
	"OnOverflow": op.OnOverflow[int], "OrElse": op.OrElse[int], "Pairwise": op.Pairwise[int],
	"Prefetch": op.Prefetch[int], "Reduce": op.Reduce[int, int], "ReduceByKey": op.ReduceByKey[int, int, int],
	"Repeat": op.Repeat[int], "ResumeWith": op.ResumeWith[int], "Retry": op.Retry[int], "RetryItem": op.RetryItem[int],
	"Sample": op.Sample[int], "Scan": op.Scan[int, int], "Skip": op.Skip[int], "SkipLast": op.SkipLast[int],
	"SkipWhile": op.SkipWhile[int], "SplitAfter": op.SplitAfter[int], "SplitWhen": op.SplitWhen[int],
	"StartWith": op.StartWith[int], "StatefulMap": op.StatefulMap[int, int, int], "Take": op.Take[int],
	"TakeLast": op.TakeLast[int], "TakeWhile": op.TakeWhile[int], "Tap": op.Tap[int], "Throttle": op.Throttle[int],
	"ThrottleFirst": op.ThrottleFirst[int], "ThrottleLast": op.ThrottleLast[int], "Timeout": op.Timeout[int],
	"TryMap": op.TryMap[int, int], "Unbatch": op.Unbatch[[]int], "Until": op.Until[int], "Using": op.Using[int, int],
	"Window": op.Window[int, int], "Zip": op.Zip[int, int, int],
}

// mayBeNil are those parameters that are optional, or are not the operator's to check.
var mayBeNil = map[string]bool{
	"Broadcast 0":   true, // the context
	"OnOverflow 3":  true, // unless the policy drops
	"StatefulMap 3": true,
}

func TestWhatIsNilIsRefusedWhenTheOperatorIsCalled(t *testing.T) {
	for name, f := range declaredOperators(t) {
		if f.Recv == nil {
			require.Contains(t, functions, name)
		}
	}
	for name, f := range functions {
		call := reflect.ValueOf(f)
		for i := range call.Type().NumIn() {
			key := fmt.Sprintf("%s %d", name, i)
			if !isNilable(call.Type(), i) || mayBeNil[key] {
				continue
			}
			t.Run(key, func(t *testing.T) {
				args := make([]reflect.Value, call.Type().NumIn())
				for j := range args {
					args[j] = argument(parameter(call.Type(), j))
				}
				args[i] = reflect.Zero(parameter(call.Type(), i))
				defer func() {
					require.True(t, strings.HasPrefix(fmt.Sprint(recover()), "operators."+name+": "))
				}()
				call.Call(args)
			})
		}
	}
}

// parameter is the type of an argument, of which a list has one.
func parameter(f reflect.Type, i int) reflect.Type {
	if f.IsVariadic() && i == f.NumIn()-1 {
		return f.In(i).Elem()
	}
	return f.In(i)
}

func isNilable(f reflect.Type, i int) bool {
	switch parameter(f, i).Kind() {
	case reflect.Func, reflect.Pointer, reflect.Interface:
		return true
	default:
		return false
	}
}

// argument is one of a type that every operator takes.
func argument(of reflect.Type) reflect.Value {
	for _, v := range []any{
		2, time.Second, op.Limit{Count: 2}, op.Timeouts{Idle: time.Second}, op.Tumbling(time.Second), op.NewKillSwitch(),
		rate.NewLimiter(1, 1), new(op.Dropped),
	} {
		if reflect.TypeOf(v) == of {
			return reflect.ValueOf(v)
		}
	}
	switch {
	case of.Kind() == reflect.Func:
		return reflect.MakeFunc(of, nil) // is never called
	case of == reflect.TypeFor[context.Context]():
		return reflect.ValueOf(context.Background())
	default:
		return reflect.Zero(of)
	}
}

func TestAKillSwitchThatWasNotMadeIsRefused(t *testing.T) {
	require.PanicsWithValue(t, "operators.Killable: no switch; make one with NewKillSwitch",
		func() { op.Killable(rx.From(1), &op.KillSwitch{}) })
}
