#!/bin/sh
# Fetches the libraries of pom.xml and compiles the programs to build/interop/java; does nothing when that is current.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$here/../../.." && pwd)/build/interop/java
cd "$here"

current=$(cat pom.xml */*.java | sha256sum)
if [ "$(cat "$build/current" 2>/dev/null)" = "$current" ]; then
	exit 0
fi

echo "java: fetching the libraries of pom.xml and compiling the programs" >&2
rm -rf "$build"
mkdir -p "$build"
mvn -B -q dependency:copy-dependencies -DoutputDirectory="$build/lib" >&2
javac -d "$build/classes" -cp "$build/lib/*" */*.java
echo "$current" >"$build/current"
