#!/bin/sh
# Unpacks Keycloak's distribution as pom.xml pins it, builds its optimized server and imports the
# realm, so that a start does neither. Needs Java 17 or later and Maven.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$here/../../.." && pwd)/build/peers/keycloak

mkdir -p "$build"
# Two setups at once would be in each other's way.
exec 9>"$build.lock"
flock 9
current=$(cat "$here/pom.xml" "$here/realm.json" "$here/setup.sh" | sha256sum)
if [ -f "$build/current" ] && [ "$(cat "$build/current")" = "$current" ]; then
	exit 0
fi
echo "keycloak: fetching and building, which takes a minute or more" >&2
rm -rf "$build"
mkdir "$build"
# Maven leaves marks beside the pom.xml, so it gets a copy.
cp "$here/pom.xml" "$build/"
mvn -B -q -Dstyle.color=never -f "$build/pom.xml" dependency:unpack -DoutputDirectory="$build" >&2
mv "$build"/keycloak-* "$build/server"
chmod +x "$build/server/bin/kc.sh"
"$build/server/bin/kc.sh" build --db=dev-file >&2
"$build/server/bin/kc.sh" import --optimized --file "$here/realm.json" >&2
echo "$current" >"$build/current"
