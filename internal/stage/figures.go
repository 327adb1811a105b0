package stage

// Figure describes a [Value] for those who export it.
type Figure struct {
	Help  string
	Unit  string // as the Unified Code for Units of Measure has them, in which {things} are counted
	Gauge bool
	Adds  Adds
}

// Figures are, by their names, all values that stages tell of themselves but for [Retries] and [Drops].
var Figures = map[string]Figure{
	"pages":         {Help: "Pages that were fetched.", Unit: "{page}"},
	"pages_ahead":   {Help: "Pages that were fetched, and not yet handed on.", Unit: "{page}", Gauge: true},
	"ranges":        {Help: "Ranges of the tables that are read.", Unit: "{range}", Gauge: true},
	"ranges_done":   {Help: "Ranges of tables that were read.", Unit: "{range}"},
	"ranges_failed": {Help: "Ranges of tables that could not be read.", Unit: "{range}"},
	"read_bytes":    {Help: "Bytes of the rows that were read.", Unit: "By"},
	"progress_share": {Help: "How much of the tables was read, from 0 to 1; of several scans, the mean.", Unit: "1",
		Gauge: true, Adds: Mean},

	"written_rows":       {Help: "Rows that were written, and acknowledged.", Unit: "{row}"},
	"written_bytes":      {Help: "Bytes of the rows that were written.", Unit: "By"},
	"batches":            {Help: "Batches that were written.", Unit: "{batch}"},
	"not_applied_rows":   {Help: "Rows whose condition did not hold.", Unit: "{row}"},
	"requests_in_flight": {Help: "Requests that are under way.", Unit: "{request}", Gauge: true},
	"requests_window": {Help: "How many requests may be under way, by what the servers have taken of late.", Unit: "{request}",
		Gauge: true},
	"latency_p99_seconds": {Help: "How long requests took, but for the slowest of a hundred; of several runs, the longest.",
		Unit: "s", Gauge: true, Adds: Max},

	"limiter_wait_seconds": {Help: "Time that was waited for a limiter.", Unit: "s"},
	"limiter_waiting":      {Help: "Items or calls that wait for a limiter now.", Unit: "{call}", Gauge: true},
	"limiter_rate":         {Help: "Tokens a second that the limiter gives.", Unit: "{token}/s", Gauge: true, Adds: Max},
	"limiter_burst":        {Help: "Tokens that the limiter gives at once, at most.", Unit: "{token}", Gauge: true, Adds: Max},
	"limiter_limit":        {Help: "How many calls the limiter lets be under way.", Unit: "{call}", Gauge: true, Adds: Max},
	"limiter_in_flight": {Help: "Calls that the limiter has let through, and that are under way, of all who share it.",
		Unit: "{call}", Gauge: true, Adds: Max},
	"breaker_wait_seconds": {Help: "Time that was waited for a circuit breaker.", Unit: "s"},
	"breaker_waiting":      {Help: "Calls that wait for a circuit breaker now.", Unit: "{call}", Gauge: true},
	"breaker_open_share": {Help: "1 while the circuit breaker is open, 0.5 while it is half-open, else 0.", Unit: "1",
		Gauge: true, Adds: Max},
}
