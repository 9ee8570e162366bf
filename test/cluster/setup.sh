#!/bin/sh
# Brings what make cluster needs besides what test/setup.sh brings: nft and ip, and
# below build/cluster two pairs of programs that keep PostgreSQL available:
#
#   new   Patroni 4.0.7 from PyPI and etcd 3.5.16 of Debian 13
#   old   Patroni 3.0.2 and etcd 3.4.23 of Debian 12
#
# Packages of Debian are unpacked, not installed, and no source list of the system is
# changed. What is there already is left alone.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$root/build/cluster

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
	echo "cluster/setup.sh: not root, or no apt-get: nothing is installed, and what is missing is left out" >&2
	exit 0
fi

current() {
	[ "$(cat "$build/ready" 2>/dev/null)" = "$(cat "$0" "$here/requirements.txt" | sha256sum)" ]
}

missing=
add() { command -v "$1" >/dev/null || missing="$missing $2"; }
add nft nftables
add ip iproute2
add unshare util-linux
add psql postgresql-client
# Patroni runs on the Python of the system: the account of PostgreSQL can reach that one.
for module in psycopg2 psutil yaml dateutil urllib3 dns etcd click prettytable ydiff; do
	/usr/bin/python3 -c "import $module" 2>/dev/null && continue
	case $module in
	dns) missing="$missing python3-dnspython" ;;
	ydiff) ;; # only patronictl wants it
	*) missing="$missing python3-$module" ;;
	esac
done
if [ -n "$missing" ] || ! current; then
	apt-get update -qq
fi
if [ -n "$missing" ]; then
	echo "cluster/setup.sh: installing$missing" >&2
	export DEBIAN_FRONTEND=noninteractive
	# Word splitting is wanted: one argument a package.
	# shellcheck disable=SC2086
	apt-get install -qq -y --no-install-recommends $missing >/dev/null
fi
if current; then
	exit 0
fi

echo "cluster/setup.sh: making build/cluster with Patroni 4.0.7 and etcd 3.5.16, and the older pair" >&2
rm -rf "$build"
mkdir -p "$build/new" "$build/old" "$build/apt/lists/partial" "$build/apt/cache/archives/partial"

# unpack PACKAGE=VERSION DIR
unpack() {
	rm -f "$build"/apt/*.deb
	(cd "$build/apt" && apt-get download -qq "$1")
	dpkg -x "$build"/apt/*.deb "$2"
}

unpack 'etcd-server=3.4.23*' "$build/old"
unpack 'patroni=3.0.2*' "$build/old"

# Debian 13, with its signatures checked, in lists of its own.
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# apt-get fills in the name, not the shell.
# shellcheck disable=SC2016
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' | head -n 1)
echo "deb [signed-by=$keyring] ${mirror:-http://deb.debian.org/debian} trixie main" >"$build/apt/sources.list"
touch "$build/apt/status"
cat >"$build/apt/apt.conf" <<END
Dir::Etc::sourcelist "$build/apt/sources.list";
Dir::Etc::sourceparts "-";
Dir::State "$build/apt";
Dir::State::status "$build/apt/status";
Dir::Cache "$build/apt/cache";
Acquire::Languages "none";
END
export APT_CONFIG="$build/apt/apt.conf"
apt-get update -qq
unpack 'etcd-server=3.5.16*' "$build/new"
unset APT_CONFIG

"$root/build/venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check --no-deps \
	--require-hashes --only-binary :all: --target "$build/new/python" -r "$here/requirements.txt"
mv "$build/old/usr/lib/python3/dist-packages" "$build/old/python"
rm -rf "$build/apt"
cat "$0" "$here/requirements.txt" | sha256sum >"$build/ready"
