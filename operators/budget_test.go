package operators_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// spent makes so many requests a second for a while, of which all fail and ask for as many retries as they can get, and
// tells how many they get.
func spent(b *op.Budget, perSecond, seconds int) (retries int) {
	unlimited := op.Backoff{Attempts: -1, Budget: b}
	for range perSecond * seconds {
		time.Sleep(time.Second / time.Duration(perSecond))
		b.Request()
		for failed := 1; failed <= 100 && unlimited.Allow(failed); failed++ {
			retries++
		}
	}
	return retries
}

func TestABudgetBoundsRetriesToAShareOfTheRequests(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		b := op.NewBudget(0.2, 0)
		spent(b, 100, 60)
		require.InDelta(t, 100*60*0.2, spent(b, 100, 60), 2)
	})
}

func TestABudgetAlwaysAllowsAFewASecond(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		b := op.NewBudget(0, 10)
		require.InDelta(t, 10*10+59*10, spent(b, 1, 60), 2, "those of the first moment, and of each second after it")
		require.InDelta(t, 60*10, spent(b, 100, 60), 2)
	})
}

func TestASmallBudgetSavesUpForOneRetry(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		b := op.Backoff{Budget: op.NewBudget(0, 0.01)}
		for range 3 {
			require.True(t, b.Allow(1))
			time.Sleep(99 * time.Second)
			require.False(t, b.Allow(1))
			time.Sleep(2 * time.Second)
		}
	})
}

// However requests come, no more retries are made than are allowed and were saved up.
func TestABudgetIsNeverOverdrawn(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		share := rapid.Float64Range(0.01, 2).Draw(rt, "share")
		perSecond := rapid.Float64Range(0, 20).Draw(rt, "a second")
		steps := rapid.SliceOfN(rapid.IntRange(0, 5000), 1, 100).Draw(rt, "milliseconds to the next request")
		var requests, retries int
		var took time.Duration
		virtualtime.Test(t, func(t *testing.T) {
			b := op.NewBudget(share, perSecond)
			at := clock()
			for _, ms := range steps {
				time.Sleep(time.Duration(ms) * time.Millisecond)
				b.Request()
				requests++
				for (op.Backoff{Attempts: -1, Budget: b}).Allow(1) {
					retries++
				}
			}
			took = at()
		})
		require.LessOrEqual(rt, float64(retries), share*float64(requests)+perSecond*took.Seconds()+max(1, perSecond*10)+1e-6)
	})
}

func TestABudgetForgets(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		b := op.NewBudget(1, 0.1)
		for range 1000 {
			b.Request()
		}
		time.Sleep(2 * time.Minute)
		require.Equal(t, 2, spent(b, 1, 1), "what was saved up long ago cannot be spent at once")
	})
}

func TestRetriesOfManyStreamsShareABudget(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var runs, yielded int
		down := counted(rx.Fail[int](errSource), &runs, &yielded)
		b := plain
		b.Budget = op.NewBudget(0.2, 1)
		for range 100 {
			_, err := op.Retry(down, b).Collect(t.Context())
			require.Equal(t, errSource, err, "of the last attempt")
		}
		require.Less(t, runs, 100+20+20+10, "rather than 500")
		require.Greater(t, runs, 100)
	})
}

func TestABudgetIsNotSpentOnWhatIsNotRetried(t *testing.T) {
	b := op.Backoff{Budget: op.NewBudget(0, 0.1)} // one retry
	never := func(error) bool { return false }
	_, err := op.Retry(rx.Fail[int](errSource), b, never).Collect(t.Context())
	require.Equal(t, errSource, err)
	fails := func(context.Context, int) (int, error) { return 0, errOdd }
	require.Empty(t, collect(t, op.TryMap(rx.From(1), fails, op.RetryItem[int](b, never), op.SkipItem)))
	require.False(t, b.Allow(5), "attempts are used up first")
	require.True(t, b.Allow(1))
}

func TestABudgetThatAllowsNothing(t *testing.T) {
	require.PanicsWithValue(t, "operators.NewBudget: a share of 0 and 0 a second; both must be at least 0, and one more",
		func() { op.NewBudget(0, 0) })
	require.PanicsWithValue(t, "operators.NewBudget: a share of -1 and 2 a second; both must be at least 0, and one more",
		func() { op.NewBudget(-1, 2) })
}
