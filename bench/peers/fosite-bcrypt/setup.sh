#!/bin/sh
# The same program as fosite, run with other arguments.
exec "$(dirname "$0")/../fosite/setup.sh"
