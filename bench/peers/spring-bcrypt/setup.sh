#!/bin/sh
# The same program as spring, run without its profile.
exec "$(dirname "$0")/../spring/setup.sh"
