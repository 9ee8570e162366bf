# What setup.sh and run.sh have in common: PostgreSQL with its defaults but for the number of
# connections, in a data directory of its own, at a socket in that directory only.
# shellcheck shell=sh
build=$(cd "$here/../../.." && pwd)/build/peers/hydra
data=$build/data
# Without a host, since the socket is in the directory of the environment's PGHOST.
export PGHOST="$data" PGUSER=hydra PGDATABASE=hydra
# A JWT takes a second connection, for the key, while it holds the one of its transaction. With
# Hydra's default of two connections a core, a few requests at once wait for each other until they
# fail, so there are two for each of the benchmark's 256 connections.
export DSN="postgres://hydra@localhost/hydra?host=$data&sslmode=disable&max_conns=520&max_idle_conns=520"

# The programs of Debian's package are not in PATH.
for programs in /usr/lib/postgresql/*/bin; do
	PATH=$programs:$PATH
done

# as_owner COMMAND...: PostgreSQL refuses to run as root.
as_owner() {
	if [ "$(id -u)" -eq 0 ]; then
		exec setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
	fi
	exec "$@"
}

start_database() {
	(as_owner postgres -D "$data" -k "$data" -c listen_addresses= -c max_connections=600) >&2 &
	database=$!
	until pg_isready -q; do
		kill -0 "$database"
		sleep 0.1
	done
}

# SIGINT is PostgreSQL's fast shutdown: it does not wait for those who are connected.
stop_database() {
	kill -INT "$database" 2>/dev/null || true
	wait "$database" || true
}
