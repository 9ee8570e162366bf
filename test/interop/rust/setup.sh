#!/bin/sh
# Builds the programs of Cargo.toml to build/interop/rust; cargo knows when that is current.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
CARGO_TARGET_DIR=$(cd "$here/../../.." && pwd)/build/interop/rust
export CARGO_TARGET_DIR

cd "$here"
exec cargo build --bins
