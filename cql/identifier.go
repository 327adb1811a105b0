package cql

import (
	"fmt"
	"regexp"
	"strings"
)

// Quote writes a name of the schema as CQL reads it: in double quotes if it has capitals or anything else that needs
// them, or is a reserved word; otherwise as it is.
func Quote(name string) string {
	if plainIdentifier.MatchString(name) && !reserved[name] {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

var plainIdentifier = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// reserved words are names only in quotes: Cassandra's reserved_keywords.txt, of the versions from 3.0 to 5.0.
var reserved = func() map[string]bool {
	words := map[string]bool{}
	for _, w := range strings.Fields(`add allow alter and apply asc authorize batch begin by columnfamily create default
		delete desc describe drop entries execute from full grant if in index infinity insert into is keyspace limit
		materialized mbean mbeans modify nan norecursive not null of on or order primary rename replace revoke schema
		select set table to token truncate unlogged unset update use using view where with`) {
		words[w] = true
	}
	return words
}()

// leading finds the identifier that a text begins with, in quotes or without.
var leading = regexp.MustCompile(`^(?:"(?:[^"]|"")+"|[A-Za-z][A-Za-z0-9_]*)`)

// parseTableName reads keyspace.table as CQL does: names are lower case unless in quotes.
func parseTableName(text string) (keyspace, table string, err error) {
	first := leading.FindString(text)
	rest := text[len(first):]
	second := leading.FindString(strings.TrimPrefix(rest, "."))
	switch {
	case first == "" || rest != "" && rest != "."+second || rest == ".":
		return "", "", fmt.Errorf("%q is not the name of a table; write keyspace.table, and in double quotes what has capitals or other characters", text)
	case rest == "":
		return "", "", fmt.Errorf("%q names no keyspace; write keyspace.table", text)
	}
	return unquote(first), unquote(second), nil
}

func unquote(identifier string) string {
	if inside, ok := strings.CutPrefix(identifier, `"`); ok {
		return strings.ReplaceAll(strings.TrimSuffix(inside, `"`), `""`, `"`)
	}
	return strings.ToLower(identifier)
}
