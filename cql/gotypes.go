package cql

import "github.com/rxcql/rxcql/internal/fields"

// SingleValue tells whether a Go type stands for one CQL value though its kind is struct.
var SingleValue = fields.SingleValue
