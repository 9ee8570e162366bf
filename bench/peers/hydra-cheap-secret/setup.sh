#!/bin/sh
# The same program as hydra, asked by other clients.
exec "$(dirname "$0")/../hydra/setup.sh"
