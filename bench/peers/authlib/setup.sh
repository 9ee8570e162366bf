#!/bin/sh
# Makes the peer's virtual environment from requirements.txt; does nothing when that is as it was.
# The copy of the requirements is written last: an environment that was left half made has none.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$here/../../.." && pwd)/build/peers/authlib
requirements=$here/requirements.txt

python_works() {
	"$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
	for candidate in "${PYTHON:-python3}" /usr/bin/python3 python3.14 python3.13 python3.12 python3.11; do
		if python_works "$candidate"; then
			echo "$candidate"
			return 0
		fi
	done
	return 1
}

mkdir -p "$build"
# Two setups at once would be in each other's way.
exec 9>"$build.lock"
flock 9
if cmp -s "$requirements" "$build/requirements.txt"; then
	exit 0
fi
python=$(find_python) || {
	echo "authlib/setup.sh: Python 3.11 or later with venv is needed; set PYTHON to one." >&2
	exit 1
}
echo "authlib: making its virtual environment with $("$python" --version)" >&2
rm -rf "$build"
mkdir -p "$build"
"$python" -m venv "$build/venv"
"$build/venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check \
	--require-hashes --only-binary :all: -r "$requirements"
cp "$requirements" "$build/requirements.txt"
