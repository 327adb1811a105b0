// Package source makes streams out of Cassandra. A [Query] is a typed, immutable value; [Select.Rows] makes a cold
// Observable of it, which fetches its rows page by page, only on demand.
//
//	type Reading struct {
//		Sensor int
//		At     time.Time
//		Value  float64
//	}
//
//	readings := source.Query[Reading](session, "SELECT sensor, at, value FROM readings WHERE sensor = ?", 7)
//	for r, err := range readings.Rows().All(ctx) { … }
//
// Nothing is sent before the stream runs, and running it again asks the server again.
//
// # Rows
//
// T is a struct with a field for each column (by tag `cql:"name"`, else by name in snake_case), a pointer to one, a
// type that one cell decodes into when the result has one column, map[string]any, or []any. With a pointer, the rows
// sit in blocks of 64 that are never reused: that is the cheapest way when rows are passed on. Who keeps one row keeps its
// block, and a short text that is kept keeps 2 KiB of its neighbours. A null needs a field that can hold one: a pointer,
// slice, map or any. What does not fit is an error that names the column, the CQL type, the Go type and the row; see
// [DecodeError].
//
// # Pages
//
// The first page has 100 rows; later ones aim at 1 MiB by the width of the widest recent row, growing at most
// fourfold up to 5,000 rows. [Select.PageSize] fixes the size instead. The next page is asked for once a quarter of
// the current one has been consumed, or at once when fetching takes more than half the time that consuming did, so a scan waits only
// for the server, and a consumer that takes fewer rows than a quarter costs one page. [Select.ReadAhead] says
// otherwise. A Reactive Streams subscriber (Subscribe, package rx) that requests rows of a query by number has just the
// pages fetched that they need, each when the first of its rows is wanted; their sizes are as ever, so for one page a
// request set PageSize to what is requested. The scan of a table fills its buffers at the first request.
//
// # Arguments
//
// Arguments are bound to the statement's markers: by position, or by name with [Select.BindMap] and
// [Select.BindStruct]. Names and numbers that do not fit are a [*BindError] before anything is sent; values that do not
// fit their markers' types are a [*cql.ArgumentError], of class Malformed, before the statement is executed.
//
// # Schemas that change
//
// A table may be altered, or dropped and made anew, while a stream is under way. Rows are decoded by the types that come
// with each page, and arguments are encoded for those that the table has when the page is asked for: the result is the
// right values or an error, of a row that no longer fits, of an argument, or the server's. Package cql tells how, and
// what it costs.
//
// # Cursors
//
// A service that gives its clients one page at a time runs [Select.Page], and goes on from that page's State with
// [Select.From], or, if it does not trust the clients, from a signed token; see [Tokens].
//
// # Whole tables
//
// [Table] reads a table of any size: the ring is split into ranges of tokens, several are read at a time, each from a
// node that has it, and all of them only as fast as one consumer takes the rows.
//
//	rows := source.Table[Reading](session, "lab.readings").Rows()
//
// A range that takes the servers too long is read in smaller pages or halved, and one that cannot be read at all is
// reported after everything else was; see [ScanError]. A job that must survive its process runs [Scan.Each] with a
// [Checkpoint]: killed at any moment, it goes on without loss.
//
// [Scan.Preflight] tells what would be read, without reading; a [Tracker] how far a scan has got; [Scan.Throttle] slows
// it, and pauses it.
//
// # Files
//
// [CSV] and [JSONL] read rows from texts: files, also compressed ones, and whatever else can be opened.
//
//	readings := source.CSV[Reading](source.File("readings.csv.gz")).Rows()
//
// A record that is no row is a [*TextError] with file, line and column, which ends the stream or goes to a function of
// yours. Each [Record] tells where it ends, and so from where a job that was interrupted goes on.
//
// # Joins
//
// [Lookup] joins a stream of keys with a table, several keys at a time.
//
// # Failures
//
// A page that fails is asked for again if its failure allows that, with growing, jittered waits; see [Select.Retry].
// What finally fails ends the stream with a [*PageError], after all rows that came before it, with the paging state
// from which [Select.From] goes on without loss or repetition. A row that cannot be decoded ends it in the middle of a
// page, which then comes again as a whole; PageError.Yielded says how much of it has been seen.
package source
