#!/bin/sh
# Brings what the tests need: git, curl, wget, a C compiler for the race detector, Python with
# venv, and a virtual environment with the Python clients under build/venv. Installs missing packages where it is root and
# apt-get is there; elsewhere it names them and exits 1.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
venv=$root/build/venv
requirements=$here/requirements.txt

# The SDK in requirements.txt needs Python 3.10.
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

venv_current() {
	cmp -s "$requirements" "$venv/requirements.txt" && "$venv/bin/python" -c '' 2>/dev/null
}

missing_packages() {
	command -v git >/dev/null || echo git
	command -v curl >/dev/null || echo curl
	command -v wget >/dev/null || echo wget
	command -v "$(go env CC)" >/dev/null || echo gcc libc6-dev
	if ! venv_current && ! find_python >/dev/null; then
		echo python3 python3-venv
	fi
}

install_packages() {
	if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
		echo "test/setup.sh: the tests need packages that are not installed." >&2
		echo "test/setup.sh: install these (Debian's names), then run make test again: $*" >&2
		exit 1
	fi
	echo "test/setup.sh: installing $*" >&2
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	apt-get install -qq -y --no-install-recommends "$@" >/dev/null
}

# The copy of the requirements is written last: an environment that was left half made
# has none, and is made anew.
make_venv() {
	python=$(find_python) || {
		echo "test/setup.sh: Python 3.10 or later with venv is needed; set PYTHON to one." >&2
		exit 1
	}
	echo "test/setup.sh: making build/venv with $("$python" --version)" >&2
	rm -rf "$venv"
	mkdir -p "$root/build"
	"$python" -m venv "$venv"
	"$venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check \
		--require-hashes --only-binary :all: -r "$requirements"
	cp "$requirements" "$venv/requirements.txt"
}

packages=$(missing_packages | tr '\n' ' ')
if [ -n "$packages" ]; then
	# Word splitting is wanted: one argument a package.
	# shellcheck disable=SC2086
	install_packages $packages
	packages=$(missing_packages | tr '\n' ' ')
	if [ -n "$packages" ]; then
		echo "test/setup.sh: installed, and still not found in PATH: $packages" >&2
		exit 1
	fi
fi
if ! venv_current; then
	make_venv
fi
