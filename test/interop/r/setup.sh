#!/bin/sh
# Brings R and the packages of packages.txt as Debian packages them. Their versions stay what
# they are for the life of a release.
set -eu

here=$(cd "$(dirname "$0")" && pwd)

missing=
for package in $(cat "$here/packages.txt"); do
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done
if [ -n "$missing" ]; then
	echo "r/setup.sh: installing$missing" >&2
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	# Word splitting is wanted: one argument a package.
	# shellcheck disable=SC2086
	apt-get install -qq -y --no-install-recommends $missing >/dev/null
fi
