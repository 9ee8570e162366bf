#!/usr/bin/env bash
# Runs every test there is; make test calls it. The last line counts them.
# FUZZTIME is how long each fuzz target runs.
set -uo pipefail
cd "$(dirname "$0")/.."

FUZZTIME=${FUZZTIME:-5s}

# The settings of the released binary, so that the tests that build it find all
# packages compiled.
export CGO_ENABLED=0 GOFLAGS="${GOFLAGS:-} -trimpath"

# Packages that have goroutines of their own.
concurrent=(
	./internal/admin ./internal/clientauth ./internal/keys ./internal/mirror
	./internal/server ./internal/store/sqlstore ./internal/telemetry
	./internal/token ./internal/web
)

# Runs a command and tells the tally how it ended.
run() {
	local name=$1 code=0
	shift
	"$@" 2>&1 || code=$?
	printf '{"Action":"command-end","Package":"%s","Code":%d}\n' "$name" "$code"
	return "$code"
}

formatted() {
	local files
	files=$(go tool -modfile=tools/go.mod gofumpt -l .) || return
	[ -z "$files" ] && return
	echo "not formatted, run make fmt:" $files
	return 1
}

title() { echo "--- $* (after $SECONDS s)"; }

everything() {
	title "what the tests need"
	run test/setup.sh test/setup.sh || return

	title "vet and format"
	run "go vet" go vet ./...
	run gofumpt formatted

	title "tests"
	# The go command does not see when a binary changes that a test starts, so
	# what it remembers of the tests below test/ is worth nothing.
	run "go test" go test -json -timeout 5m $(go list ./... | grep -v /test/)
	run "go test ./test/..." go test -json -timeout 8m -count=1 ./test/...

	title "with the race detector"
	# Everything takes ten times as long, so what repeats itself does so less often.
	CGO_ENABLED=1 run "go test -race" go test -json -short -timeout 8m -race "${concurrent[@]}"

	title "fuzz targets, $FUZZTIME each"
	run "fuzz targets" tools/fuzz.sh "$FUZZTIME"
}

mkdir -p build
go build -o build/tally ./test/tally || exit
everything | build/tally
