// Package files makes and reads files so that nobody ever sees half of one: what is written gets its name when it is
// whole, and what was compressed is known by its first bytes.
package files
