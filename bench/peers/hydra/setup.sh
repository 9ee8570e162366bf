#!/bin/sh
# Builds Hydra as go.mod and go.sum pin it and prepares its database: schema, key, two clients.
# Needs PostgreSQL, curl and setpriv; as root on Debian it installs what is missing.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/database.sh"
cd "$here"

mkdir -p "$build"
# Two setups at once would be in each other's way.
exec 9>"$build.lock"
flock 9
current=$(cat go.mod go.sum hydra.yml database.sh setup.sh | sha256sum)
if [ -f "$build/current" ] && [ "$(cat "$build/current")" = "$current" ]; then
	exit 0
fi
rm -rf "$build/current" "$data"

if ! command -v postgres >/dev/null; then
	if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
		echo "hydra/setup.sh: PostgreSQL is needed; install Debian's package postgresql." >&2
		exit 1
	fi
	DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends postgresql >/dev/null
	. "$here/database.sh"
fi

echo "hydra: building, which takes minutes" >&2
CGO_ENABLED=0 go build -mod=readonly -trimpath -o "$build/hydra" github.com/ory/hydra/v2

echo "hydra: making its database" >&2
mkdir "$data"
[ "$(id -u)" -ne 0 ] || chown postgres:postgres "$data"
(as_owner initdb -D "$data" -U hydra -A trust) >/dev/null
start_database
trap stop_database EXIT
createdb hydra
"$build/hydra" migrate sql -e --yes --config hydra.yml >/dev/null

# The admin interface, at a socket for the time of the setup.
socket=$build/admin.sock
ask() { curl -fsS --unix-socket "$socket" -H 'Content-Type: application/json' -o /dev/null "$@"; }
start_admin() {
	rm -f "$socket"
	SERVE_ADMIN_HOST=unix:$socket "$build/hydra" serve admin --config hydra.yml >&2 &
	admin=$!
	until ask http://admin/health/ready 2>/dev/null; do
		kill -0 "$admin"
		sleep 0.2
	done
}
stop_admin() {
	kill "$admin"
	wait "$admin" || true
}
# add_clients SUFFIX: one for each format.
add_clients() {
	for format in jwt opaque; do
		ask http://admin/admin/clients -d '{
			"client_id": "bench-'"$format$1"'",
			"client_secret": "a-secret-of-the-benchmark-and-of-nothing-else",
			"grant_types": ["client_credentials"],
			"scope": "read",
			"token_endpoint_auth_method": "client_secret_basic",
			"access_token_strategy": "'"$format"'"
		}'
	done
}

start_admin
# Hydra would make an RSA key at the first JWT.
ask http://admin/admin/keys/hydra.jwt.access-token -d '{"alg":"ES256","kid":"bench","use":"sig"}'
add_clients ''
stop_admin
# A stored secret says how many iterations it takes, so the same server can have both kinds.
export OAUTH2_HASHERS_PBKDF2_ITERATIONS=1
start_admin
add_clients -cheap
stop_admin
echo "$current" >"$build/current"
