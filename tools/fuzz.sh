#!/usr/bin/env bash
# Runs every fuzz target for the time given, one after the other, and prints the
# JSON lines of go test.
set -uo pipefail
cd "$(dirname "$0")/.."

fuzztime=${1:-5s}

# Prints "directory target" lines. go test links every package it lists, so only
# those are asked that have a target in their sources.
targets() {
	local dir
	grep -rl --include='*_test.go' '^func Fuzz' . | xargs -r -n 1 dirname | sort -u |
		while read -r dir; do
			go test -list '^Fuzz' "$dir" | awk -v dir="$dir" '/^Fuzz/ { print dir, $1 }' || exit
		done
}

run() {
	go test -json -run '^$' -fuzz "^$2\$" -fuzztime "$fuzztime" "$1" </dev/null 2>&1
}

# go test can fail with a bare "context deadline exceeded" at the moment the time
# is over (go.dev/issue/75804). Nothing was found then, so it may run once more.
fuzz() {
	local out code=0
	out=$(run "$@") || code=$?
	case $code,$out in
	0,* | *"Failing input written"*) ;;
	*"context deadline exceeded"*)
		code=0
		out=$(run "$@") || code=$?
		;;
	esac
	printf '%s\n' "$out"
	return "$code"
}

found=$(targets) || exit
if [ -z "$found" ]; then
	echo "tools/fuzz.sh: there is no fuzz target" >&2
	exit 1
fi
failed=0
while read -r dir target; do
	fuzz "$dir" "$target" || failed=1
done <<<"$found"
exit "$failed"
