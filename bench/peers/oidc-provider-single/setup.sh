#!/bin/sh
# The same program as oidc-provider, run with other arguments.
exec "$(dirname "$0")/../oidc-provider/setup.sh"
