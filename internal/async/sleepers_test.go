package async

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSleepersKeepTheirOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var (
			s     sleepers
			model []*sleeper
			out   []*sleeper // taken out, not recycled
		)
		rt.Repeat(map[string]func(*rapid.T){
			"enter": func(*rapid.T) { model = append(model, s.enter()) },
			"takeFirst": func(rt *rapid.T) {
				if len(model) == 0 {
					rt.Skip("empty")
				}
				w := s.takeFirst()
				require.Same(rt, model[0], w)
				model, out = model[1:], append(out, w)
			},
			"putBack": func(rt *rapid.T) {
				if len(out) == 0 {
					rt.Skip("none is out")
				}
				s.putBack(out[0])
				i := slices.IndexFunc(model, func(w *sleeper) bool { return w.ticket > out[0].ticket })
				if i < 0 {
					i = len(model)
				}
				model, out = slices.Insert(model, i, out[0]), out[1:]
			},
			"recycle": func(rt *rapid.T) {
				if len(out) == 0 {
					rt.Skip("none is out")
				}
				require.False(rt, s.remove(out[0]))
				s.recycle(out[0])
				out = out[1:]
			},
			"remove": func(rt *rapid.T) {
				if len(model) == 0 {
					rt.Skip("empty")
				}
				i := rapid.IntRange(0, len(model)-1).Draw(rt, "i")
				require.True(rt, s.remove(model[i]))
				out = append(out, model[i])
				model = slices.Delete(model, i, i+1)
			},
			"": func(rt *rapid.T) {
				require.Equal(rt, len(model) == 0, s.empty())
				var all []*sleeper
				for w := s.front; w != nil; w = w.next {
					all = append(all, w)
				}
				require.Equal(rt, len(model), len(all))
				for i := range model {
					require.Same(rt, model[i], all[i])
				}
				if len(all) > 0 {
					require.Same(rt, all[len(all)-1], s.back)
				}
			},
		})
	})
}
