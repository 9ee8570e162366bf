// Package postgres starts PostgreSQL for tests: throw-away clusters in temporary
// directories on free ports, and pgbouncers before them. It never touches a cluster
// of the system. All of it ends with the test process, however that one ends.
//
// It speaks no SQL and imports nothing of grantd.
package postgres
