#!/bin/sh
# Brings oidc-provider, and on x64 a current Node, as package-lock.json pins them. The copy of
# the lock is written last: a folder that was left half made has none, and is made anew.
set -eu

cd "$(dirname "$0")"
stamp=node_modules/.peer-lock.json
build=../../../build/peers
mkdir -p "$build"
# Two setups at once would be in each other's way.
exec 9>"$build/oidc-provider.lock"
flock 9
if cmp -s package-lock.json "$stamp"; then
	exit 0
fi
echo "oidc-provider: installing the packages of package-lock.json" >&2
npm ci --no-progress --loglevel=error >&2
cp package-lock.json "$stamp"
