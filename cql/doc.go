// Package cql is everything in rxcql that knows the driver. Sources and sinks talk to a [Session]; the driver is
// behind the small port [Driver], with gocql as its implementation.
//
//	session, err := cql.Connect(ctx, gocql.NewCluster("10.0.0.1"))
//	if err != nil {
//		return err
//	}
//	defer session.Close()
//
// # Lifecycle
//
// A Session is checked and entered in one step: an operation either starts, and is counted, or gets [ErrClosed];
// the driver is never called after it was closed. As with net/http there are two ways out. [Session.Shutdown] admits
// nothing new, lets streams under way go on to their end, pages and all, and then closes. [Session.Close] cancels
// them with cause ErrClosed. Both may be called by any number of goroutines, also from inside a stream's callbacks.
//
// A stream is admitted when its run starts and stays so until it ends. To have a whole job, reading, mapping and
// writing, drain as one, run it under [Session.Work].
//
// # Errors
//
// Every failed operation returns an [*Error] with a [Class], which says what the failure means and so whether the
// operation may be repeated. A Class is itself an error value: errors.Is(err, cql.Overloaded).
//
// # Schemas that change
//
// A table may be altered, or dropped and made anew with other types, by any client at any time. Rows are decoded by the
// types that come with each page. Arguments are encoded by the types that came when their statement was prepared; that
// the server has forgotten it since, so that it must be prepared and its arguments be encoded anew, is found out when it
// is executed. For that to be so whatever others prepare, each session appends a comment of its own to the texts of its
// statements with arguments, and another one when the server has forgotten a text. The driver's observers and the
// server's logs show it; errors and the package cqltest do not. The price is a prepared statement for each text and
// session in the servers' caches; [Defaults] has a way to do without. Comments before a statement's first word are left
// out, as the driver would not see that it can be prepared. A request whose statement is forgotten each time that it is
// prepared ends after the third, with class [Unprepared].
//
// An argument that is refused, by the type that is known here, is encoded once more for a statement that is prepared
// anew if the schema has changed meanwhile, for which the nodes are asked; if it has not, the refusal stands, as an
// [*ArgumentError]. They are asked ten times a second at most; where more is refused, the last answer counts.
//
// The driver keeps ClusterConfig.MaxPreparedStmts texts prepared, 1,000 by default, on all nodes together. Programs that
// use more prepare all the time, and for them a race remains: a request that was encoded before a change, and that is
// overtaken on its way by the driver's forgetting and preparing the same text again, is taken as one of the new types.
//
// # Values
//
// What goes together, in arguments and in rows; a pair that does not is an error, never a guess:
//
//	ascii, text          string, []byte; what marshals itself as text
//	blob, custom types   []byte; a blob string and [n]byte too
//	tinyint … counter    integers and big.Int, if the value is in range
//	varint               integers, big.Int, string
//	decimal              inf.Dec, string
//	float, double        float64, float32; a float64 is rounded to a float, unless it is out of range; a double is read
//	                     into float64 only
//	boolean              bool
//	uuid, timeuuid       gocql.UUID, [16]byte, []byte, string; a timeuuid is also read into time.Time, for its time
//	inet                 net.IP, netip.Addr, []byte, string
//	timestamp            time.Time, in UTC when read; int64, for milliseconds since 1970
//	date                 time.Time, for the day in UTC; string as in ISO 8601: 2006-01-02, -0001-12-31, +10000-01-01
//	time                 time.Duration, int64, for nanoseconds since midnight
//	duration             gocql.Duration; time.Duration, if there are no months and no days
//	list, set            []T, [n]T; a set map[T]struct{} too
//	vector               []T, [n]T
//	map                  map[K]V; [][2]any, for keys that Go cannot compare
//	tuple                struct, by the order of its fields; []T, [n]T
//	user-defined type    struct, by the names of its fields as in a row; map[string]T
//
// A type goes where one of its kind does: type Celsius float64 where float64 does. So do a pointer, for which null is
// nil, and sql.Null[T] and its relatives, for which null is not valid. uuid, inet, date, varint and decimal go with
// what marshals itself as text. An sql.Scanner gets, and a driver.Valuer gives, an int64, float64, bool, []byte, string or
// time.Time. A gocql.Unmarshaler gets a copy of the cell, a gocql.Marshaler gives it; so with the driver's UDT forms.
// Methods count also if a struct has them of what it embeds, as in encoding/json; but a row's struct is its fields.
//
// Into an any goes what is natural for the CQL type, the same as the driver's MapScan gives: string for text and inet,
// int for int, int64, int16 and int8 for the other integers, *big.Int for varint, *inf.Dec for decimal, float32,
// float64, bool, []byte for blob, gocql.UUID, time.Time for timestamp and date, time.Duration for time,
// gocql.Duration, []T, map[K]V, []any for a tuple and map[string]any for a user-defined type, with nil for what is null
// in them. Beyond the driver's: []T for a vector, [][2]any for a map whose keys Go cannot compare, []byte for a custom
// type. A collection with nulls inside, which frozen ones may have, is []any, or [][2]any if it is a map.
//
// Reading a null needs a place for it: a pointer, sql.Null, slice, map or any. An empty value where a type has none, such
// as an int or a vector of no bytes, is no more than null and read as that; but for a time.Time an empty timestamp is
// time.Time{}, for which the driver writes it. Writing, a nil pointer, slice or map is null, [Unset] leaves a column as
// it is, and a field of a user-defined type that a struct or map does not have is null. time.Time{} is written as what
// it is, the start of the year 1: all clients read it, and it reads as time.Time{}. It does not find what the driver
// wrote for it.
//
// The driver cannot bind a whole tuple as one argument, unless it has one element: its marker is (?, ?), and its
// elements are arguments. Inside of other types tuples are values as any. A gocql.NamedValue is refused: the driver
// would encode it for the marker in its place and send it for the one that it names.
package cql
