package integration_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/checkpoint"
	"github.com/rxcql/rxcql/checkpoint/checkpointtest"
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/source"
)

// connectAgain is a session of its own, as another process has.
func (t *target) connectAgain() *cql.Session {
	t.Helper()
	config := *t.config
	config.PoolConfig.HostSelectionPolicy = nil
	session, err := cql.Connect(context.Background(), &config)
	require.NoError(t, err)
	t.Cleanup(session.Close)
	return session
}

func TestCheckpointsInATable(t *testing.T) {
	onBoth(t, func(t *target) {
		name := t.in(`KS."CheckPoints"`)
		require.NoError(t, checkpoint.Table(t.session, name, "").Create(t.Context()))
		require.NoError(t, checkpoint.Table(t.session, name, "").Create(t.Context()))
		sessions := []*cql.Session{t.session, t.connectAgain()}
		job, users := 0, 0
		var mu sync.Mutex
		checkpointtest.Run(t.T, func(*testing.T) checkpointtest.Open {
			job++
			of := fmt.Sprintf("job %d", job)
			return func() (source.Checkpoint, error) {
				mu.Lock()
				defer mu.Unlock()
				users++
				return checkpoint.Table(sessions[users%2], name, of), nil
			}
		})
	})
}

// TestTwoSessionsRaceForAJob: they begin at the same time, and one of them does it all.
func TestTwoSessionsRaceForAJob(t *testing.T) {
	onBoth(t, func(t *target) {
		want := t.events(700)
		name := t.keyspace + ".checkpoints"
		require.NoError(t, checkpoint.Table(t.session, name, "").Create(t.Context()))
		sessions := []*cql.Session{t.session, t.connectAgain(), t.connectAgain()}
		rows := make([][]event, len(sessions))
		errs := make([]error, len(sessions))
		var wg sync.WaitGroup
		for i, session := range sessions {
			wg.Go(func() {
				errs[i] = source.Table[event](session, t.keyspace+".events").PageSize(20).SplitInto(2+i).Resume(checkpoint.Table(session, name, "export")).
					Each(t.Context(), 1, func(_ context.Context, p source.TablePage[event]) error {
						rows[i] = append(rows[i], p.Rows...)
						return nil
					})
			})
		}
		wg.Wait()
		// Some may have ended before others began, so it is not said that all but one were fenced off, nor that the one that
		// was not did it all.
		var all []event
		ended := 0
		for i := range sessions {
			all = append(all, rows[i]...)
			if errs[i] == nil {
				ended++
			} else {
				require.ErrorIs(t, errs[i], source.ErrFenced)
			}
		}
		require.Positive(t, ended)
		require.Subset(t, all, want)

		saved, err := checkpoint.Table(t.session, name, "export").Load(t.Context())
		require.NoError(t, err)
		end := int64(math.MinInt64)
		for _, r := range saved.Ranges {
			require.Equal(t, end, r.Start)
			require.True(t, r.Done)
			end = r.End
		}
		require.EqualValues(t, math.MaxInt64, end, "the whole ring")
	})
}

// TestAScanGoesOnAfterAnotherSession: with paging states that another session, and another coordinator maybe, has left.
func TestAScanGoesOnAfterAnotherSession(t *testing.T) {
	onBoth(t, func(t *target) {
		want := t.events(700)
		name := t.keyspace + ".checkpoints"
		require.NoError(t, checkpoint.Table(t.session, name, "").Create(t.Context()))
		enough := errors.New("enough")
		var rows []event
		runs := 0
		for err := enough; err != nil; runs++ {
			session := t.connectAgain()
			pages := 0
			err = source.Table[event](session, t.keyspace+".events").PageSize(15).SplitInto(1+runs*3).Resume(checkpoint.Table(session, name, "export")).
				Each(t.Context(), 1, func(_ context.Context, p source.TablePage[event]) error {
					if pages++; pages > 12 {
						return enough
					}
					rows = append(rows, p.Rows...)
					return nil
				})
			if err != nil {
				require.Equal(t, enough, err)
			}
			session.Close()
		}
		require.Greater(t, runs, 3)
		require.ElementsMatch(t, want, rows)
	})
}
