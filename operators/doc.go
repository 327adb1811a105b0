// Package operators transforms and combines streams: functions from [rx.Observable] to [rx.Observable]. By
// convention it is imported as op.
package operators
