#!/bin/sh
# Brings the Node clients and verifiers, as package-lock.json pins them. The copy of the lock
# is written last: a folder that was left half made has none, and is made anew.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
stamp=$here/node_modules/.interop-lock.json

node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' || {
	echo "test/interop/node: Node.js 20.19 or later is needed in PATH." >&2
	exit 1
}
if ! cmp -s "$here/package-lock.json" "$stamp"; then
	echo "test/interop/node: installing the packages of package-lock.json" >&2
	(cd "$here" && npm ci --no-progress --loglevel=error >&2)
	cp "$here/package-lock.json" "$stamp"
fi
