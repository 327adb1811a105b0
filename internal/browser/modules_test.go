package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/rx/flow"
)

// call evaluates the body of an async function.
func call[T any](t *testing.T, body string) T {
	t.Helper()
	ctx := look(t, flow.NewMonitor(flow.Options{}))
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T]("(async () => {"+body+"})()", chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	return v
}

func TestLayers(t *testing.T) {
	require.Empty(t, call[string](t, `
		const { layers } = await import("./layout.js");
		let seed = 1;
		const random = (n) => (seed = (seed * 48271) % 2147483647) % n;
		for (let round = 0; round < 3000; round++) {
			const n = random(12);
			const stages = Array.from({ length: n }, (_, i) => ({ id: i }));
			const edges = Array.from({ length: random(20) }, () => ({ from: random(n + 2), to: random(n + 2) })); // with circles, and to nowhere
			const { columns, paths } = layers(stages, edges);
			const fail = (what) => what + ": " + JSON.stringify({ n, edges });
			const placed = columns.flat().filter((node) => node.id !== null).map((node) => node.id).sort((a, b) => a - b);
			if (placed.join() !== stages.map((s) => s.id).join()) return fail("every stage is there once");
			if (columns.some((column) => !column || !column.length)) return fail("no column is empty");
			for (const path of paths) {
				if (!edges.some((e) => e.from === path[0].id && e.to === path.at(-1).id)) return fail("a path without an edge");
				if (!path.every((node, i) => columns[path[0].column + i].includes(node))) return fail("a path goes from column to column");
				if (!path.slice(1, -1).every((node) => node.id === null)) return fail("a path leads through a stage");
			}
			const forward = edges.every((e) => e.from < e.to && e.to < n);
			if (forward && paths.length !== edges.length) return fail("every edge is there if there is no circle");
		}
		return "";`))
}

// Two sources into one stage, of which one feeds a second sink too: no edge crosses another.
func TestEdgesDoNotCrossWithoutNeed(t *testing.T) {
	require.Equal(t, [][]string{{"b", "a"}, {"merge", "log"}, {"sink"}}, call[[][]string](t, `
		const { layers } = await import("./layout.js");
		const { columns } = layers([{ id: "merge" }, { id: "log" }, { id: "sink" }, { id: "b" }, { id: "a" }],
			[{ from: "b", to: "merge" }, { from: "a", to: "merge" }, { from: "a", to: "log" }, { from: "merge", to: "sink" }]);
		return columns.map((column) => column.map((node) => node.id));`))
}

func TestNumbersForPeople(t *testing.T) {
	require.Equal(t, []string{
		"0", "12,345", "9,999,999", "12.3 M", "1.23 G", "0.5",
		"0/s", "0.4/s", "9.9/s", "10/s", "12,345/s", "123 k/s", "1.5 M/s",
		"0%", "<1%", "81%", "100%",
		"12 µs", "1.5 ms", "12.4 s", "2 min 05 s", "1 h 01 min",
		"512 B", "1.5 KiB", "64 MiB",
		"wait: 2.5 s", "pages: 41", "request size: 1 KiB", "hit: 50%", "time: 1.0 s",
		"the sink orders: 81% of the time", "the sink: 81% of the time", "",
	}, call[[]string](t, `
		const f = await import("./format.js");
		const value = (name, value) => f.figure({ name, value }).join(": ");
		return [
			...[0, 12345, 9999999, 12345678, 1234567890, 0.5].map(f.count),
			...[0, 0.4, 9.9, 10.2, 12345, 123456, 1.5e6].map(f.rate),
			...[0, 0.001, 0.812, 1].map(f.percent),
			...[12e-6, 1.5e-3, 12.4, 125.9, 3660].map(f.duration),
			...[512, 1536, 64 << 20].map(f.bytes),
			value("wait_seconds", 2.5), value("pages", 41), value("request_size_bytes", 1024), value("hit_ratio", 0.5), value("seconds", 1),
			f.sentence({ kind: "sink", name: "orders", share: 0.81 }), f.sentence({ kind: "sink", name: "sink", share: 0.81 }), f.sentence(undefined),
		];`))
}
