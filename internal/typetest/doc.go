// Package typetest enumerates the CQL types with values of each, for the tests that walk through them: what is
// encoded, decoded, written and read is this one list.
package typetest
