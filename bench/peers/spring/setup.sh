#!/bin/sh
# Builds the peer's jar as pom.xml pins it; does nothing when that is current.
# Needs a JDK of 17 or later and Maven.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$here/../../.." && pwd)/build/peers
cd "$here"

mkdir -p "$build/spring"
# Two setups at once would be in each other's way.
exec 9>"$build/spring.lock"
flock 9
current=$(find pom.xml setup.sh src -type f -exec cat {} + | sha256sum)
if [ -f "$build/spring/current" ] && [ "$(cat "$build/spring/current")" = "$current" ]; then
	exit 0
fi
echo "spring: fetching the libraries of pom.xml and building" >&2
rm -rf "$build/spring"
mkdir "$build/spring"
# Maven builds beside its sources, so it gets a copy of them.
cp -R pom.xml src "$build/spring/"
cd "$build/spring"
mvn -B -q -Dstyle.color=never package >&2
# Spring Boot's documentation runs an extracted jar in production: it starts sooner.
java -Djarmode=tools -jar target/peer-spring.jar extract --destination jar
rm -rf pom.xml src target
echo "$current" >current
