#!/bin/sh
# Builds the Go clients and verifiers, each into a binary of its folder's name.
set -eu

cd "$(dirname "$0")"
build=../../../build/interop/go

echo "go/setup.sh: building into build/interop/go" >&2
mkdir -p "$build"
# Without cgo, no C compiler is needed.
CGO_ENABLED=0 go build -mod=readonly -o "$build/" ./...
