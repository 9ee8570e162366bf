// Package sqlstore keeps grantd's data in an SQLite file or in a PostgreSQL
// database: queries, migrations, and a writer that commits many writes at once. What
// belongs to one kind of database alone is in the files named sqlite*.go, lock.go and
// postgres*.go; the text of the queries is the same for both, and keeps to what other
// SQL databases understand as well.
//
// It is the only package that knows database/sql and a driver. It knows nothing
// of what the records mean.
package sqlstore
