package sqlstore

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/grantd/grantd/internal/fault"
)

const urlHint = "write it like postgres://grantd@db1.example:5432,db2.example:5432/grantd?sslmode=verify-full, " +
	"with the password after the user or in PGPASSWORD"

// CheckURL looks at the URL of a PostgreSQL database without connecting. Its
// errors, and all others of this package, never hold the URL or a part of it that
// could be a password.
func CheckURL(text string) error {
	_, err := parseURL(text)
	return err
}

// Location says where the database of a URL is: hosts and name, and nothing that
// is secret. It is empty when the URL cannot be read.
func Location(text string) string {
	config, err := parseURL(text)
	if err != nil {
		return ""
	}
	return location(config)
}

func location(config *pgx.ConnConfig) string {
	hosts := []string{hostPort(config.Host, config.Port)}
	for _, other := range config.Fallbacks {
		host := hostPort(other.Host, other.Port)
		// A host is there twice when TLS is tried first, and then none.
		if !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return strings.Join(hosts, ",") + "/" + config.Database
}

func hostPort(host string, port uint16) string {
	return net.JoinHostPort(host, strconv.Itoa(int(port)))
}

// parseURL reads a URL as pgx does, several hosts and TLS parameters included, and
// chooses what it leaves open.
func parseURL(text string) (*pgx.ConnConfig, error) {
	if !strings.HasPrefix(text, "postgres://") && !strings.HasPrefix(text, "postgresql://") {
		return nil, fault.Hint(errors.New("the URL of the database does not begin with postgres://"), urlHint)
	}
	config, err := pgx.ParseConfig(text)
	if err != nil {
		return nil, fault.Hint(fmt.Errorf("read the URL of the database: %s", withoutURL(err)), urlHint)
	}
	err = errors.Join(checkAt(config), chooseExecMode(config, text))
	if err != nil {
		return nil, err
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeOf(config)
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "grantd"
	}
	// Of several hosts, the one that is the primary now, whatever the URL says: a
	// node that read from a standby would take itself for up to date while it lags.
	config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	config.OnNotice = keepWarning
	// Nobody asked for any, but a pooler may hand on those of another connection, and
	// pgx would keep them all.
	config.OnNotification = func(*pgconn.PgConn, *pgconn.Notification) {}
	return config, nil
}

// checkAt refuses a URL in which a part of the password has become one of the host or
// of the name of the database, both of which are printed.
func checkAt(config *pgx.ConnConfig) error {
	if !strings.Contains(location(config), "@") {
		return nil
	}
	return fault.Hint(errors.New("the URL of the database has an @ too many"),
		"write the characters @ / ? # and %% of a password as %%40 %%2F %%3F %%23 and %%25, or put the password into PGPASSWORD")
}

// connectTimeOf divides the time there is to connect among the hosts, so that the last
// one has its turn when all others are silent.
func connectTimeOf(config *pgx.ConnConfig) time.Duration {
	hosts := len(strings.Split(location(config), ","))
	return min(connectTime, (statementTime-time.Second)/time.Duration(hosts))
}

// chooseExecMode says how statements are sent. CacheDescribe needs no statement prepared
// by name, which a pgbouncer in transaction mode would not have on the next
// connection; unlike Exec it asks PostgreSQL for the types of the parameters, once
// for each statement and connection, and transfers values in binary. Who has no
// pgbouncer can choose cache_statement in the URL, which saves planning. The simple
// protocol puts parameters into the text of the statement on this side: never.
func chooseExecMode(config *pgx.ConnConfig, text string) error {
	if !strings.Contains(text, "default_query_exec_mode") {
		config.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
		return nil
	}
	if config.DefaultQueryExecMode == pgx.QueryExecModeSimpleProtocol {
		err := errors.New("the URL of the database asks for default_query_exec_mode=simple_protocol, which is not safe")
		return fault.Hint(err, "leave the parameter out: the default, cache_describe, works with pgbouncer in every mode")
	}
	return nil
}

// withoutURL is what pgx says about a URL that it cannot read, without the URL.
// What comes after its own words can quote parts of the URL; only for TLS, where
// it names a file, is it worth that.
func withoutURL(err error) string {
	text := err.Error()
	_, said, _ := strings.Cut(text[strings.LastIndex(text, "`")+1:], ": ")
	reason, detail, _ := strings.Cut(said, " (")
	switch reason {
	case "failed to configure TLS":
		return reason + ": " + strings.TrimSuffix(detail, ")")
	case "":
		return "it is not in the form of a URL"
	default:
		return reason
	}
}
