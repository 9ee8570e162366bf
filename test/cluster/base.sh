#!/bin/sh
# Builds the grantd from which the rolling upgrade starts, build/cluster/base/grantd:
# that of the last commit, or of the one before where the tree is that of the last.
# Where there is none that can be upgraded, build/cluster/base/without says why.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
base=$root/build/cluster/base
migrations=internal/store/sqlstore/migrations/postgres

without() {
	echo "$*" >"$base/without"
	exit 0
}

rm -rf "$base"
mkdir -p "$base/tree"
trap 'rm -rf "$base/tree"' EXIT
cd "$root"
git rev-parse --verify --quiet HEAD >/dev/null || without "there is no repository to take it from"
revision=HEAD
if git diff --quiet HEAD -- . && [ -z "$(git ls-files --others --exclude-standard)" ]; then
	revision=HEAD^
	git rev-parse --verify --quiet "$revision" >/dev/null || without "there is no commit before this one"
fi
# The copy has no .git: nothing is left behind in this one, whatever happens.
git archive "$revision" | tar -x -C "$base/tree"
[ -d "$base/tree/$migrations" ] || without "$revision does not know PostgreSQL"
# A migration is edited in place until it is released; nobody has to upgrade from that.
for file in "$base/tree/$migrations"/*; do
	cmp -s "$file" "$migrations/$(basename "$file")" || without "$revision has another $(basename "$file"), which is not released yet"
done
cd "$base/tree"
CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w" -o "$base/grantd" ./cmd/grantd
