package cqltest

import (
	"crypto/md5"

	"github.com/rxcql/rxcql/cql/cqltest/internal/syntax"
)

// prepared is a statement that the server knows by id: a hash of the text and the keyspace, so that every client that
// prepares the same text gets the same id. That is what makes metadata go stale on protocol v4: a schema change forgets
// the id, another client prepares the text again, and the first client's old id, with its old metadata, is good again.
type prepared struct {
	text string
	st   *statement
}

func statementID(text, keyspace string) []byte {
	sum := md5.Sum([]byte(keyspace + text))
	return sum[:]
}

// prepare makes a statement known.
func (db *database) prepare(text, current string, n *node) (*reply, error) {
	parsed, err := syntax.Parse(text)
	if err != nil {
		return nil, err
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	st, err := db.analyse(parsed, current, n)
	if err != nil {
		return nil, err
	}
	id := statementID(text, current)
	db.prepared[string(id)] = &prepared{text, st}
	db.texts[string(id)] = prepared{text, st}
	r := st.preparedReply(id)
	return &r, nil
}

// forget drops the prepared statements that a schema change is about.
func (db *database) forget(keyspace, table string) {
	for id, p := range db.prepared {
		if p.st.about(keyspace, table) {
			delete(db.prepared, id)
		}
	}
}

// known returns a prepared statement; those about system tables are analysed anew, because their rows are made then.
func (db *database) known(id []byte, n *node) (*statement, error) {
	p := db.prepared[string(id)]
	if p == nil {
		return nil, Unprepared(id)
	}
	if p.st.schema != nil && isSystem(p.st.schema.keyspace) {
		return db.analyse(p.st.parsed, p.st.keyspace, n)
	}
	return p.st, nil
}

// run executes a statement that resolve finds under the lock.
func (db *database) run(pr *params, resolve func() (*statement, error)) (*outcome, error) {
	if out, done, err := db.tryRead(pr, resolve); done {
		return out, err
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	st, err := resolve()
	if err != nil {
		return nil, err
	}
	if st.sel != nil {
		return nil, ServerError("cqltest: a write became a SELECT") // ids are hashes of texts, so this cannot be
	}
	return db.execute(st, pr)
}

// tryRead runs the statement if it is a SELECT.
func (db *database) tryRead(pr *params, resolve func() (*statement, error)) (out *outcome, done bool, err error) {
	db.mu.RLock()
	locked := true
	unlock := func() {
		if locked {
			db.mu.RUnlock()
			locked = false
		}
	}
	defer unlock()
	st, err := resolve()
	if err != nil {
		return nil, true, err
	}
	if st.sel == nil {
		return nil, false, nil
	}
	tab, script := st.table.content(), st.table.script
	if st.table.gen != nil {
		unlock()
	}
	out, err = st.read(tab, pr, script, db.options.exactFit)
	return out, true, err
}

// runBatch executes a BATCH.
func (db *database) runBatch(b *batch, current string, n *node) (*outcome, error) {
	parsed := make([]*syntax.Parsed, len(b.items))
	for i, it := range b.items {
		if it.id == nil {
			var err error
			if parsed[i], err = syntax.Parse(it.text); err != nil {
				return nil, err
			}
		}
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	sts := make([]*statement, len(b.items))
	for i, it := range b.items {
		var err error
		if it.id == nil {
			sts[i], err = db.analyse(parsed[i], current, n)
		} else {
			sts[i], err = db.known(it.id, n)
		}
		if err != nil {
			return nil, err
		}
	}
	return db.executeBatch(b, sts)
}
