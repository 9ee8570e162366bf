#!/bin/sh
# Runs Keycloak in production mode without TLS, which its documentation leaves to a proxy.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$here/../../.." && pwd)/build/peers/keycloak
exec "$here/../ready.sh" /realms/bench/.well-known/openid-configuration \
	"$build/server/bin/kc.sh" start --optimized --cache=local \
	--http-enabled=true --http-host=127.0.0.1 --http-port="$PORT" \
	--hostname=http://auth.bench.example --log-level=warn
