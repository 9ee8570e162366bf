#!/bin/sh
# Builds the peer as go.mod and go.sum pin it; Go's cache makes it quick when nothing changed.
set -eu

cd "$(dirname "$0")"
build=../../../build/peers
mkdir -p "$build"
CGO_ENABLED=0 go build -mod=readonly -trimpath -o "$build/go-oauth2" .
