#!/bin/sh
# Makes the virtual environment of the Python clients and verifiers, build/interop/python,
# from requirements.txt. Does nothing when that is as it was.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
venv=$root/build/interop/python
requirements=$here/requirements.txt

python_works() {
	"$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1
}

find_python() {
	for candidate in "${PYTHON:-python3}" /usr/bin/python3 \
		python3.14 python3.13 python3.12 python3.11 python3.10; do
		if python_works "$candidate"; then
			echo "$candidate"
			return 0
		fi
	done
	return 1
}

if cmp -s "$requirements" "$venv/requirements.txt" && "$venv/bin/python" -c 'import report' 2>/dev/null; then
	exit 0
fi
python=$(find_python) || {
	echo "interop/python: Python 3.10 or later with venv is needed; set PYTHON to one." >&2
	exit 1
}
echo "interop/python: making build/interop/python with $("$python" --version)" >&2
rm -rf "$venv"
mkdir -p "$root/build/interop"
"$python" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check \
	--require-hashes --only-binary :all: -r "$requirements"
# The programs import report.py, which lies one folder above theirs.
echo "$here" >"$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/interop.pth"
# Last, so that an environment left half made is made anew.
cp "$requirements" "$venv/requirements.txt"
