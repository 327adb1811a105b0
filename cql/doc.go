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
package cql
