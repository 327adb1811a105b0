// Package checkpointtest checks that a place to keep checkpoints in does what a [source.Checkpoint] must do:
//
//	func TestMyStore(t *testing.T) {
//		checkpointtest.Run(t, func(t *testing.T) checkpointtest.Open {
//			dir := t.TempDir() // an empty place
//			return func() (source.Checkpoint, error) { return mystore.New(dir) }
//		})
//	}
package checkpointtest
