#!/bin/sh
# Runs the peer with Gunicorn and a new database.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$here/../../.." && pwd)/build/peers/authlib
export PEER_DATABASE="$build/tokens.db"
rm -f "$PEER_DATABASE" "$PEER_DATABASE-wal" "$PEER_DATABASE-shm"
cd "$here"
export PYTHONDONTWRITEBYTECODE=1
exec ../ready.sh /health "$build/venv/bin/gunicorn" --config gunicorn.conf.py --log-level warning 'app:create_app()'
