package deadletter

import (
	"context"
	"os"
	"sync"

	"github.com/rxcql/rxcql/internal/files"
)

// replayed are the files of which the letters of one replay are.
type replayed struct {
	mu    sync.Mutex
	files []os.FileInfo
}

type replayedKey struct{}

// Replaying marks the context of a replay, so that who reads its letters and who keeps those that fail again know of each
// other: a replay into the file that it reads would have each letter once more each time.
func Replaying(ctx context.Context) context.Context {
	return context.WithValue(ctx, replayedKey{}, &replayed{})
}

// Reads tells the replay that ctx is of, if there is one, that letters of a file are read.
func Reads(ctx context.Context, file *os.File) error {
	r, ok := ctx.Value(replayedKey{}).(*replayed)
	if !ok {
		return nil
	}
	info, err := file.Stat()
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.files = append(r.files, info)
	return nil
}

// IsReplayed tells whether the replay that ctx is of reads the file of that path.
func IsReplayed(ctx context.Context, path string) bool {
	r, ok := ctx.Value(replayedKey{}).(*replayed)
	if !ok {
		return false
	}
	r.mu.Lock()
	list := r.files
	r.mu.Unlock()
	for _, info := range list {
		if files.IsSame(path, info) {
			return true
		}
	}
	return false
}
