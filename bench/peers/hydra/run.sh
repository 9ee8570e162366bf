#!/bin/sh
# Runs PostgreSQL and Hydra's public interface, beginning with no tokens in the database.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/database.sh"

server=
database=
stop() {
	trap '' TERM INT
	if [ -n "$server" ]; then
		kill -TERM "$server" 2>/dev/null || true
		wait "$server" || true
	fi
	[ -z "$database" ] || stop_database
	exit "$1"
}
trap 'stop 0' TERM INT

start_database
psql -q -c 'TRUNCATE hydra_oauth2_access'
export SERVE_PUBLIC_PORT="$PORT"
"$here/../ready.sh" /health/ready "$build/hydra" serve public --config "$here/hydra.yml" &
server=$!
wait "$server" || true
stop 1
