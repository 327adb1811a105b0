package cql

import (
	"cmp"
	"crypto/rand"
	"strconv"
	"sync"
)

// generation tells the texts apart that a session uses for a statement one after the other.
//
// Version 4 of the protocol tells the types of arguments only when a statement is prepared, and a statement's id is a
// hash of its text. When a table is dropped or altered the server forgets what was prepared for it and says so to who
// executes it, whereupon the driver prepares it, and encodes its arguments, anew. But if the same text was prepared
// again meanwhile, the server knows the id, and takes arguments encoded for the old types as of the new ones. A text
// with a random comment is prepared by no other client. Nor is it prepared twice by this session: when the server has
// forgotten it, the next generation takes its place, so that requests which are still on their way find it unknown too.
type generation struct {
	era    int    // one of a session's; a statement that gets a new one has not been prepared in it
	step   int    // how often the server has forgotten the statement in this era
	schema string // the versions that the nodes had before the era began for the statement; empty: not known
}

// before tells whether g was used, and is no longer, when o is.
func (g generation) before(o generation) bool {
	return cmp.Or(cmp.Compare(g.era, o.era), cmp.Compare(g.step, o.step)) < 0
}

// ownTexts makes a session's texts of statements. What a statement's text is follows from the session's nonce and the
// generation, so that nothing is remembered of a statement that is in the first one, however many there are.
type ownTexts struct {
	nonce string

	mu     sync.Mutex // held for a look at what is below
	schema string     // the versions that the nodes had when they were last asked; empty: not known
	eras   int        // the last one
	base   generation // of statements that are not in moved
	moved  map[string]generation
}

func newOwnTexts(schema string) *ownTexts {
	return &ownTexts{nonce: rand.Text(), schema: schema, base: generation{schema: schema}}
}

// maxMoved bounds how many statements are remembered to be in a generation of their own.
const maxMoved = 1000

// text puts the comment on a line of its own, because a statement may end in one that goes on to the line's end. To
// Cassandra the newline at its end is part of it, and the driver prepares what begins with BEGIN only if it ends in
// BATCH.
func (o *ownTexts) text(statement string, g generation) string {
	return statement + "\n-- rxcql " + o.nonce + " " + strconv.Itoa(g.era) + "." + strconv.Itoa(g.step) + " batch\n"
}

// of gives the present generation of a statement.
func (o *ownTexts) of(statement string) generation {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.get(statement)
}

// following notes that a statement is prepared in a generation, and gives the one to go on to should the server forget
// it: the next one, or the present one, if others have gone further.
func (o *ownTexts) following(statement string, g generation) generation {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.get(statement).before(g) {
		o.set(statement, g)
	}
	if now := o.get(statement); g.before(now) {
		return now
	}
	g.step++
	return g
}

// renew sees to it that none of the statements that an operation was begun with is repeated in a generation that was
// prepared for another schema, and says whether one is in another now.
func (o *ownTexts) renew(all []bound, schema string) (renewed bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.schema = schema
	for i := range all {
		b := &all[i]
		switch {
		case b.own == nil:
		case b.own.began.before(o.get(b.own.statement)):
			renewed = true
		case b.own.began.schema != schema:
			o.set(b.own.statement, o.fresh())
			renewed = true
		}
	}
	return renewed
}

// get, set and fresh are called with the lock held.
func (o *ownTexts) get(statement string) generation {
	if g, ok := o.moved[statement]; ok {
		return g
	}
	return o.base
}

// set remembers the generation of a statement. When there are too many to remember, all statements begin a new era, in
// which each is prepared once: one that was forgotten here would come back in a generation that it has left.
func (o *ownTexts) set(statement string, g generation) {
	if _, known := o.moved[statement]; !known && len(o.moved) >= maxMoved {
		o.base, o.moved = o.fresh(), nil
		return
	}
	if o.moved == nil {
		o.moved = make(map[string]generation)
	}
	o.moved[statement] = g
}

func (o *ownTexts) fresh() generation {
	o.eras++
	return generation{era: o.eras, schema: o.schema}
}
