package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/rxcql/rxcql/source"
)

// A file has two buckets: "rxcql checkpoint" with the format, the job and the digest, and "ranges" with each range, as
// JSON, by its start, in the order of the ring. The digest is the exclusive or of the hashes of the job and all ranges,
// with their keys: it tells that something is damaged or missing, and is kept up without reading everything.
var (
	headBucket   = []byte("rxcql checkpoint")
	rangesBucket = []byte("ranges")
	formatKey    = []byte("format")
	jobKey       = []byte("job")
	digestKey    = []byte("digest")
)

const fileFormat = "1"

// initialize makes an empty checkpoint.
func initialize(tx *bbolt.Tx) error {
	head, err := tx.CreateBucket(headBucket)
	if err != nil {
		return err
	}
	if _, err := tx.CreateBucket(rangesBucket); err != nil {
		return err
	}
	if err := head.Put(formatKey, []byte(fileFormat)); err != nil {
		return err
	}
	return head.Put(digestKey, make([]byte, sha256.Size))
}

// buckets gives the buckets of a file that is a checkpoint.
func buckets(tx *bbolt.Tx) (head, ranges *bbolt.Bucket, err error) {
	head, ranges = tx.Bucket(headBucket), tx.Bucket(rangesBucket)
	if head == nil || ranges == nil {
		return nil, nil, fmt.Errorf("%w: it is a bbolt database of something else", ErrUnreadable)
	}
	if format := head.Get(formatKey); string(format) != fileFormat {
		return nil, nil, fmt.Errorf("%w: it is of format %q; this version reads %q", ErrUnreadable, format, fileFormat)
	}
	if len(head.Get(digestKey)) != sha256.Size {
		return nil, nil, fmt.Errorf("%w: it has no digest", ErrUnreadable)
	}
	return head, ranges, nil
}

func read(tx *bbolt.Tx) (source.Saved, error) {
	head, ranges, err := buckets(tx)
	if err != nil {
		return source.Saved{}, err
	}
	var saved source.Saved
	if job := head.Get(jobKey); len(job) > 0 {
		saved.Job = bytes.Clone(job)
	}
	var digest [sha256.Size]byte
	toggle(digest[:], jobKey, saved.Job)
	err = ranges.ForEach(func(key, value []byte) error {
		toggle(digest[:], key, value)
		var r source.SavedRange
		if err := json.Unmarshal(value, &r); err != nil || !bytes.Equal(key, startKey(r.Start)) {
			return fmt.Errorf("%w: the range % x is damaged", ErrUnreadable, key)
		}
		saved.Ranges = append(saved.Ranges, r)
		return nil
	})
	if err == nil && !bytes.Equal(digest[:], head.Get(digestKey)) {
		err = fmt.Errorf("%w: it is damaged", ErrUnreadable)
	}
	return saved, err
}

func write(tx *bbolt.Tx, changes source.Saved) error {
	head, ranges, err := buckets(tx)
	if err != nil {
		return err
	}
	digest := bytes.Clone(head.Get(digestKey))
	put := func(b *bbolt.Bucket, key, value []byte) error {
		toggle(digest, key, b.Get(key))
		toggle(digest, key, value)
		return b.Put(key, value)
	}
	if err := put(head, jobKey, changes.Job); err != nil {
		return err
	}
	for _, r := range changes.Ranges {
		value, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if err := put(ranges, startKey(r.Start), value); err != nil {
			return err
		}
	}
	return head.Put(digestKey, digest)
}

// toggle takes a record into the digest, or out of it. One that is not there is nothing.
func toggle(digest, key, value []byte) {
	if len(value) == 0 {
		return
	}
	h := sha256.New()
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(key))))
	h.Write(key)
	h.Write(value)
	subtle.XORBytes(digest, digest, h.Sum(nil))
}

// startKey sorts as the ring does.
func startKey(start int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(start)^1<<63) }
