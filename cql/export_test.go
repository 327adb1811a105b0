package cql

// TypeOf is for tests.
var TypeOf = typeOf
