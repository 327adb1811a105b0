package checkpoint_test

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/checkpoint"
	"github.com/rxcql/rxcql/checkpoint/checkpointtest"
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/source"
)

func TestFile(t *testing.T) {
	checkpointtest.Run(t, func(t *testing.T) checkpointtest.Open {
		path := filepath.Join(t.TempDir(), "job")
		return func() (source.Checkpoint, error) {
			f, err := checkpoint.File(path)
			if err != nil {
				return nil, err
			}
			return f, nil
		}
	})
}

func TestTable(t *testing.T) {
	server, session := serve(t)
	require.NoError(t, checkpoint.Table(session, "lab.checkpoints", "").Create(t.Context()))
	require.NoError(t, checkpoint.Table(session, "lab.checkpoints", "").Create(t.Context()), "it may be there")
	job := 0
	checkpointtest.Run(t, func(t *testing.T) checkpointtest.Open {
		job++
		name := fmt.Sprintf("job '%d'", job)
		return func() (source.Checkpoint, error) { return checkpoint.Table(session, "lab.checkpoints", name), nil }
	})
	onlyTransactions(t, server)
}

func TestMemory(t *testing.T) {
	checkpointtest.Run(t, func(t *testing.T) checkpointtest.Open {
		m := &memory{ranges: map[int64]source.SavedRange{}}
		return func() (source.Checkpoint, error) { return &memoryStore{memory: m}, nil }
	})
}

// memory is a checkpoint that lives as long as its test, and the shortest store that there can be.
type memory struct {
	mu     sync.Mutex
	owner  *memoryStore
	loads  uint64
	job    []byte
	ranges map[int64]source.SavedRange
}

type memoryStore struct{ *memory }

func (s *memoryStore) Load(ctx context.Context) (source.Saved, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.owner = s
	s.loads++
	return source.Saved{Job: s.job, Ranges: slices.Collect(maps.Values(s.ranges)), Generation: s.loads}, ctx.Err()
}

func (s *memoryStore) Save(ctx context.Context, changes source.Saved) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case s.owner != s, changes.Generation != s.loads:
		return source.ErrFenced
	}
	s.job = changes.Job
	for _, r := range changes.Ranges {
		s.ranges[r.Start] = r
	}
	return nil
}

// serve starts a server and connects to it; both end with the test.
func serve(t testing.TB) (*cqltest.Server, *cql.Session) {
	t.Helper()
	server := cqltest.NewServer()
	t.Cleanup(server.Close)
	config := server.Cluster()
	config.SerialConsistency = gocql.LocalSerial // which would not do across data centres
	session, err := cql.Connect(context.Background(), config)
	require.NoError(t, err)
	t.Cleanup(session.Close)
	server.MustExec("CREATE KEYSPACE lab WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	return server, session
}

// Two runs that are given the same store do not both advance it: the older one ends.
func TestTwoRunsWithOneStore(t *testing.T) {
	server, session := lab()
	defer server.Close()
	defer session.Close()
	require.NoError(t, checkpoint.Table(session, "lab.checkpoints", "").Create(t.Context()))
	file, err := checkpoint.File(filepath.Join(t.TempDir(), "job"))
	require.NoError(t, err)
	defer file.Close()
	for name, store := range map[string]source.Checkpoint{"file": file, "table": checkpoint.Table(session, "lab.checkpoints", "job")} {
		t.Run(name, func(t *testing.T) {
			table := source.Table[Reading](session, "lab.readings").PageSize(5).Parallel(1).Resume(store)
			first, second := map[Reading]bool{}, map[Reading]bool{}
			take := func(into map[Reading]bool) func(context.Context, source.TablePage[Reading]) error {
				return func(_ context.Context, p source.TablePage[Reading]) error {
					for _, r := range p.Rows {
						into[r] = true
					}
					return nil
				}
			}
			pages := 0
			err := table.Each(t.Context(), 1, func(ctx context.Context, p source.TablePage[Reading]) error {
				if pages++; pages == 3 {
					require.NoError(t, table.Each(ctx, 1, take(second)))
				}
				return take(first)(ctx, p)
			})
			require.ErrorIs(t, err, source.ErrFenced)
			require.Len(t, second, 200, "nothing was saved when it began")
			none := map[Reading]bool{}
			require.NoError(t, table.Each(t.Context(), 1, take(none)))
			require.Empty(t, none, "what the second has saved is kept")
		})
	}
}
