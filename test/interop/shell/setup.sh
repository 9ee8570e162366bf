#!/bin/sh
# Brings curl, wget and HTTPie. curl and wget are Debian's packages, which is how people
# have them; HTTPie comes from PyPI, where its users are told to get it: the package of a
# distribution is as old as the distribution.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$here/../../.." && pwd)/build/interop/shell
python=${PYTHON:-python3}

missing=
for tool in curl wget; do
	command -v "$tool" >/dev/null || missing="$missing $tool"
done
"$python" -c 'import venv, ensurepip' 2>/dev/null || missing="$missing python3-venv"
if [ -n "$missing" ]; then
	echo "shell/setup.sh: installing$missing" >&2
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	# Word splitting is wanted: one argument a package.
	# shellcheck disable=SC2086
	apt-get install -qq -y --no-install-recommends $missing >/dev/null
fi
if ! curl --help all | grep -q -e --json; then
	echo "shell/setup.sh: curl 7.82 or later is needed, which has --json" >&2
	exit 1
fi

# The copy of the requirements is written last: an environment that was left half made
# has none, and is made anew.
if ! cmp -s "$here/requirements.txt" "$build/requirements.txt" || ! "$build/bin/python" -c '' 2>/dev/null; then
	echo "shell/setup.sh: making build/interop/shell with HTTPie" >&2
	rm -rf "$build"
	mkdir -p "$(dirname "$build")"
	"$python" -m venv "$build"
	"$build/bin/python" -m pip install --quiet --no-input --disable-pip-version-check \
		--require-hashes --only-binary :all: -r "$here/requirements.txt" >&2
	# HTTPie would look for a newer version of itself behind the user's back.
	mkdir "$build/config"
	echo '{"disable_update_warnings": true}' >"$build/config/config.json"
	cp "$here/requirements.txt" "$build/requirements.txt"
fi
