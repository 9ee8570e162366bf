package sqlstore

import (
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// warningKey is where a connection keeps the last warning.
const warningKey = "grantd warning"

// keepWarning keeps what PostgreSQL says beside an answer. When it has stopped
// waiting for a standby, it answers a COMMIT as if all were well, with a warning
// that the transaction may be lost with this server.
func keepWarning(conn *pgconn.PgConn, notice *pgconn.Notice) {
	if notice.SeverityUnlocalized == "WARNING" {
		conn.CustomData()[warningKey] = notice.Message
	}
}

// takeWarning returns the warning that a connection keeps, as an error, and forgets
// it.
func takeWarning(conn *sql.Conn) error {
	return conn.Raw(func(driver any) error {
		kept := driver.(*stdlib.Conn).Conn().PgConn().CustomData() //nolint:forcetypeassert // the pool is pgx's
		message, warned := kept[warningKey].(string)
		delete(kept, warningKey)
		if warned {
			return errors.New("the database warns: " + message)
		}
		return nil
	})
}
