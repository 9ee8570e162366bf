#!/bin/sh
# Makes build/schemathesis, a virtual environment with the fuzzer of the Admin API. It takes
# Python 3.11; where there is none, it says so, and the test is skipped outside of CI.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
venv=$(dirname "$(dirname "$here")")/build/schemathesis

cmp -s "$here/requirements.txt" "$venv/requirements.txt" && exit 0
for candidate in "${PYTHON:-python3}" /usr/bin/python3 python3.14 python3.13 python3.12 python3.11; do
	"$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue
	echo "test/adminapi/setup.sh: making build/schemathesis with $("$candidate" --version)" >&2
	rm -rf "$venv"
	"$candidate" -m venv "$venv"
	"$venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check \
		--require-hashes --only-binary :all: -r "$here/requirements.txt"
	cp "$here/requirements.txt" "$venv/requirements.txt"
	exit 0
done
echo "test/adminapi/setup.sh: no Python 3.11 or later; the fuzzer of the Admin API is skipped, or fails where CI=true" >&2
