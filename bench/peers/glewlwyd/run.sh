#!/bin/sh
# Runs Glewlwyd with a copy of the database that setup.sh made, so without tokens in it.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$here/../../.." && pwd)/build/peers/glewlwyd
rm -f "$build/run.db" "$build/run.db-journal"
cp "$build/made.db" "$build/run.db"
exec "$here/../ready.sh" /api/oidc/.well-known/openid-configuration "$here/server.sh" "$build/run.db"
