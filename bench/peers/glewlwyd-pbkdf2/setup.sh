#!/bin/sh
# The same program as glewlwyd, asked by another client.
exec "$(dirname "$0")/../glewlwyd/setup.sh"
