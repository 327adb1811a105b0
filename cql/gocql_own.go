package cql

import (
	"crypto/rand"
	"sync"
	"sync/atomic"
)

// ownText is a statement's text with a comment that makes it one session's own.
//
// Version 4 of the protocol tells the types of arguments only when a statement is prepared, and a statement's id is a
// hash of its text. When a table is dropped or altered the server forgets what was prepared for it and says so to who
// executes it, whereupon the driver prepares it, and encodes its arguments, anew. But if the same text was prepared
// again meanwhile, the server knows the id, and takes arguments encoded for the old types as of the new ones. A text
// with a random comment is prepared by no other client. Nor is it prepared twice by this session: when the server has
// forgotten it, the next text takes its place, so that requests which are still on their way find it unknown too.
type ownText struct {
	text   string
	schema string // the versions that the nodes had before it was prepared; empty: not known
	next   atomic.Pointer[ownText]
}

// newOwnText puts the comment on a line of its own, because a statement may end in one that goes on to the line's end.
// To Cassandra the newline at its end is part of it, and the driver prepares what begins with BEGIN only if it ends in
// BATCH.
func newOwnText(statement, schema string) *ownText {
	return &ownText{text: statement + "\n-- rxcql " + rand.Text() + " batch\n", schema: schema}
}

// following gives the text that takes this one's place, the same to all who ask.
func (t *ownText) following(statement string) *ownText {
	if t.next.Load() == nil {
		t.next.CompareAndSwap(nil, newOwnText(statement, t.schema))
	}
	return t.next.Load()
}

// ownTexts are the texts that a session uses at present, by the statements that they stand for.
type ownTexts struct {
	mu      sync.Mutex // held for a look at what is below
	schema  string     // the versions that the nodes had when they were last asked; empty: not known
	current map[string]*ownText
}

// maxTexts bounds how many are remembered: as many as the driver keeps prepared. When there are more they are
// forgotten, and those that come back are prepared again, with other comments.
const maxTexts = 1000

// of gives the text for a statement.
func (o *ownTexts) of(statement string) *ownText {
	o.mu.Lock()
	defer o.mu.Unlock()
	t := o.current[statement]
	if t == nil {
		t = newOwnText(statement, o.schema)
		o.set(statement, t)
	}
	return t
}

// replace puts a text in another's place, unless somebody else has.
func (o *ownTexts) replace(statement string, old, by *ownText) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.current[statement] == old {
		o.set(statement, by)
	}
}

// set is called with the lock held.
func (o *ownTexts) set(statement string, t *ownText) {
	if o.current == nil || len(o.current) >= maxTexts && o.current[statement] == nil {
		o.current = make(map[string]*ownText)
	}
	o.current[statement] = t
}

// renew sees to it that none of the statements that an operation was begun with is repeated with a text that was
// prepared for another schema, and says whether one has another text now.
func (o *ownTexts) renew(all []*bound, schema string) (renewed bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.schema = schema
	for _, b := range all {
		switch {
		case b.began == nil:
		case o.current[b.cql] != b.began:
			renewed = true
		case b.began.schema != schema:
			o.set(b.cql, newOwnText(b.cql, schema))
			renewed = true
		}
	}
	return renewed
}
