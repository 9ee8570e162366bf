#!/bin/sh
# Brings what the tests of deploy/ need: podman with crun, and systemd, which are
# Debian's packages, and helm, which is built from its Go module into build/deploy
# with a program of ours that reads manifests and Compose files as Kubernetes and
# Compose do. What is there already is left alone.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$here/../.." && pwd)/build/deploy

missing=
add() { command -v "$1" >/dev/null || missing="$missing $2"; }
add podman podman
add crun crun
add systemd-analyze systemd
add nsenter util-linux
add openssl openssl
add curl curl
if [ -n "$missing" ]; then
	if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
		echo "deploy/setup.sh: the tests of deploy/ are skipped without these (Debian's names):$missing" >&2
	else
		echo "deploy/setup.sh: installing$missing" >&2
		export DEBIAN_FRONTEND=noninteractive
		apt-get update -qq
		# Word splitting is wanted: one argument a package.
		# shellcheck disable=SC2086
		apt-get install -qq -y --no-install-recommends $missing >/dev/null
	fi
fi

mkdir -p "$build"
cd "$here/tools"
# Some minutes the first time, for helm is large; a second when nothing has changed.
[ -x "$build/helm" ] || echo "deploy/setup.sh: building helm into build/deploy" >&2
CGO_ENABLED=0 go build -mod=readonly -trimpath -ldflags "-s -w" -o "$build/" helm.sh/helm/v4/cmd/helm ./check
