// Package checkpoint keeps how far the scan of a table got, so that it can go on after the process was killed:
//
//	store, err := checkpoint.File("export.checkpoint")
//	if err != nil {
//		return err
//	}
//	defer store.Close()
//	err = source.Table[Reading](session, "shop.readings").Resume(store).Each(ctx, 8, export)
//
// is the whole job. It is started again, by the same program, until it returns nil: each run goes on from where the one
// before it got, however that ended; see [source.Scan.Resume] for what is the same job, and what comes again.
//
// # Stores
//
// [File] is for a job that is started on one machine. The file is one process's at a time; another gets [ErrInUse]. A
// save is applied as a whole, and is on disk when it has returned.
//
// [Table] is for a job that may be started anywhere: it keeps the checkpoints of any number of jobs, each under its
// name, in a Cassandra table. A job that is started a second time, because the first is believed dead, takes the
// checkpoint over; should the first live after all, it ends with [source.ErrFenced] at its next save, about a second
// later, and what it has saved until then is kept.
//
// Any other place is a [source.Checkpoint] of yours; package checkpointtest checks it.
//
// # What is in it
//
// A checkpoint has the table's name and columns, the scan's condition, a hash of its arguments, and for each range of
// tokens that was begun the place that it is at, which shows the key of a row. It holds no credentials. It is to be
// kept like the table's data.
//
// A checkpoint stays when its job is done: run again, the job has nothing to do. To start anew, remove the file, or use
// another name for the job.
package checkpoint
