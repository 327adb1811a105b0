package checkpoint

import "errors"

var (
	// ErrInUse says that another process, or another part of this one, has the checkpoint's file open. Let it end first.
	ErrInUse = errors.New("the file is in use by another run of the job; wait for its end, or stop it")

	// ErrUnreadable says that a checkpoint is damaged, was made by another version, or is none. What it said is lost: to
	// start the job from nothing, remove it.
	ErrUnreadable = errors.New("the checkpoint cannot be read; restore it, or remove it to start from nothing")
)
