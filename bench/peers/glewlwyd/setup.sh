#!/bin/sh
# Makes a database with an OpenID Connect plugin, a scope and two clients, by Glewlwyd's
# own administration. Needs Debian's packages glewlwyd, sqlite3, openssl, curl and python3; as root on
# Debian it installs the first three where they are missing.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$here/../../.." && pwd)/build/peers/glewlwyd
schema=/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz

if ! command -v glewlwyd >/dev/null || ! command -v sqlite3 >/dev/null || ! command -v openssl >/dev/null; then
	if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
		echo "glewlwyd/setup.sh: install Debian's packages glewlwyd, sqlite3 and openssl." >&2
		exit 1
	fi
	DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends glewlwyd sqlite3 openssl >/dev/null
fi

mkdir -p "$build"
# Two setups at once would be in each other's way.
exec 9>"$build.lock"
flock 9
current=$(glewlwyd --version 2>&1 | cat - "$here/setup.sh" "$here/server.sh" | sha256sum)
if [ -f "$build/current" ] && [ "$(cat "$build/current")" = "$current" ]; then
	exit 0
fi
echo "glewlwyd: making its database" >&2
rm -f "$build"/*
zcat "$schema" | sqlite3 "$build/made.db"
openssl ecparam -genkey -name prime256v1 -noout -out "$build/key.pem"
openssl ec -in "$build/key.pem" -pubout -out "$build/public.pem" 2>/dev/null

PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export PORT
"$here/server.sh" "$build/made.db" >&2 &
server=$!
trap 'kill "$server"; wait "$server" || true' EXIT

ask() {
	path=$1
	shift
	curl -fsS -o /dev/null -b "$build/cookies" -c "$build/cookies" -H 'Content-Type: application/json' \
		"http://127.0.0.1:$PORT/api/$path" "$@"
}
# The administrator of a new database.
until ask auth/ -d '{"username":"admin","password":"password"}' 2>/dev/null; do
	kill -0 "$server"
	sleep 0.1
done
ask scope/ -d '{"name":"read","display_name":"read","password_required":false}'
ask mod/plugin/ -d "$(python3 - "$build" <<'PYTHON'
import json, sys
key, public = (open(f"{sys.argv[1]}/{name}.pem").read() for name in ("key", "public"))
print(json.dumps({
    "module": "oidc", "name": "oidc", "display_name": "oidc", "order_rank": 0,
    "parameters": {
        "iss": "https://auth.bench.example",
        "jwt-type": "ecdsa", "jwt-key-size": "256", "key": key, "cert": public,
        "access-token-duration": 3600, "refresh-token-duration": 1209600, "code-duration": 600,
        "refresh-token-rolling": True,
        # The client credentials grant is one of the requests that OpenID Connect does not have.
        "allow-non-oidc": True, "auth-type-client-enabled": True,
        "introspection-revocation-allowed": True, "introspection-revocation-allow-target-client": True,
    },
}))
PYTHON
)"
# A password is kept with PBKDF2, a client_secret as it is; the documentation offers both.
for kind in password client_secret; do
	ask client/ -d '{
		"client_id": "bench-'$kind'",
		"'$kind'": "a-secret-of-the-benchmark-and-of-nothing-else",
		"confidential": true,
		"enabled": true,
		"scope": ["read"],
		"authorization_type": ["client_credentials"],
		"token_endpoint_auth_method": ["client_secret_basic"]
	}'
done
rm "$build/cookies"
echo "$current" >"$build/current"
