#!/bin/sh
# ready.sh PATH COMMAND...: runs a server that does not say itself when it is ready.
# Asks for PATH at 127.0.0.1:$PORT until it is answered, then prints "ready URL"; ends the
# server on SIGTERM, waits for it and exits 0, whatever the server's own code for that is.
set -eu

url=http://127.0.0.1:$PORT
probe=$url$1
shift

"$@" >&2 &
server=$!
stop() {
	trap '' TERM INT
	kill -TERM "$server" 2>/dev/null || true
	wait "$server" || true
	exit 0
}
trap stop TERM INT

until curl -fs -o /dev/null --max-time 5 "$probe"; do
	if ! kill -0 "$server" 2>/dev/null; then
		echo "ready.sh: it ended before it was ready: $*" >&2
		exit 1
	fi
	sleep 0.1
done
echo "ready $url"
wait "$server"
