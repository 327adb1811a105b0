package async

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestRingIsAFIFO(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var (
			r     ring[int]
			model []int
		)
		for i, push := range rapid.SliceOf(rapid.Bool()).Draw(rt, "pushes") {
			if push {
				r.push(i)
				model = append(model, i)
				continue
			}
			head, seen := r.peek()
			v, ok := r.pop()
			require.Equal(rt, len(model) > 0, ok)
			require.Equal(rt, seen, ok)
			require.Equal(rt, head, v)
			if ok {
				require.Equal(rt, model[0], v)
				model = model[1:]
			}
		}
	})
}
