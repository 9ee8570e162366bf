package sqlstore

import (
	"context"
	"crypto/tls"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// code is the SQLSTATE of an error that PostgreSQL, or a pooler before it, has
// sent; "" for any other.
func code(err error) string {
	failure, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return ""
	}
	return failure.Code
}

// collided reports whether a transaction met another one, so that it may succeed
// when it is run again, in which it sees what the other has done.
func collided(err error) bool {
	switch code(err) {
	case "40001", // serialization_failure
		"40P01", // deadlock_detected
		"55P03", // lock_not_available, after lock_timeout
		// Statements look before they leap; these are about what another node has
		// written since they looked.
		"23503", // foreign_key_violation
		"23505": // unique_violation
		return true
	}
	return false
}

// disconnected reports whether the connection is gone, or of no use any more.
func disconnected(err error) bool {
	for _, gone := range []error{
		io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, pgconn.ErrConnClosed, driver.ErrBadConn, sql.ErrConnDone,
	} {
		if errors.Is(err, gone) {
			return true
		}
	}
	_, broken := errors.AsType[*net.OpError](err)
	class := code(err)
	return broken || strings.HasPrefix(class, "08") || strings.HasPrefix(class, "57P") ||
		class == "25P03" || // idle_in_transaction_session_timeout
		class == readOnly
}

// readOnly is what a server says that is not the primary any more.
const readOnly = "25006"

// passes reports whether a failure can pass within a moment. A server that cannot
// be connected to, or that does not answer in time, is away for longer.
func passes(err error) bool {
	_, unreachable := errors.AsType[*pgconn.ConnectError](err)
	if unreachable || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return false
	}
	return collided(err) || disconnected(err)
}

// absent reports whether a database that could not be opened may be there later, though
// nobody mends anything: it is down, starting, full of connections, or has no primary
// at the moment.
func absent(err error) bool {
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	if untrusted || strings.Contains(err.Error(), "refused TLS") {
		return false
	}
	c := code(err)
	_, unreachable := errors.AsType[*pgconn.ConnectError](err)
	return unreachable && c == "" || errors.Is(err, context.DeadlineExceeded) ||
		strings.HasPrefix(c, "53") || c != "08P01" && disconnected(err)
}

// aborted reports whether an error of COMMIT says for certain that nothing was
// committed. PostgreSQL checks some things only then; any other error leaves open
// how far it had got.
func aborted(err error) bool {
	class := code(err)
	return class != "40003" && // statement_completion_unknown
		(strings.HasPrefix(class, "40") || strings.HasPrefix(class, "23") || strings.HasPrefix(class, "25"))
}

// postgresHint says what the operator can do about an error of PostgreSQL or of a
// connection to it, or "".
func postgresHint(err error) string {
	_, unreachable := errors.AsType[*pgconn.ConnectError](err)
	switch c := code(err); {
	case c == "28P01", c == "28000":
		return "check the user and the password in the URL of the database, and pg_hba.conf"
	case c == "3D000":
		return "create the database, in UTF-8, and make grantd's user its owner"
	case c == "42501":
		return "make grantd's user the owner of the database, or grant it CREATE on the schema"
	case c == "53300":
		return "raise max_connections, or put a pgbouncer in transaction mode before PostgreSQL"
	case c == "53100":
		return "the disk of the database is full: free some space"
	case c == readOnly, unreachable && strings.Contains(err.Error(), "read only connection"):
		return "the server only reads: name the primary in the URL of the database, or all hosts of the cluster"
	case c == "26000", c == "42P05":
		return "a pooler takes prepared statements apart: leave default_query_exec_mode out of the URL of the database"
	case c == "08P01" && strings.Contains(err.Error(), "startup parameter"):
		return "a pooler refuses a parameter in the URL of the database: leave it out, or set it in PostgreSQL"
	case unreachable:
		return "make sure that PostgreSQL runs where the URL of the database says, and that this machine may connect to it"
	default:
		return ""
	}
}
