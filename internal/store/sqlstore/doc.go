// Package sqlstore keeps grantd's data in an SQLite database: queries,
// migrations, and a writer that commits many writes at once. What belongs to
// SQLite alone (files, locks, pragmas) is in the files named sqlite*.go and
// lock.go; the query text keeps to what other SQL databases understand as well.
//
// It is the only package that knows database/sql and a driver. It knows nothing
// of what the records mean.
package sqlstore
