#!/bin/sh
# run.sh CLASS [ARGUMENT...]: runs a program of build/interop/java, trusting CA_FILE.
set -eu

build=$(cd "$(dirname "$0")/../../.." && pwd)/build/interop/java

# Java reads no PEM file as trust store. The store is kept beside the CA, to go with it, and moved into place whole, so
# that programs that start together never see half of one.
store=$CA_FILE.p12
if [ ! -f "$store" ]; then
	new=$(mktemp -d "$CA_FILE.XXXXXX")
	keytool -importcert -noprompt -alias ca -file "$CA_FILE" -keystore "$new/p12" -storetype PKCS12 -storepass changeit 2>/dev/null
	mv "$new/p12" "$store"
	rmdir "$new"
fi

exec java -XX:TieredStopAtLevel=1 -Xshare:auto -Djavax.net.ssl.trustStore="$store" -Djavax.net.ssl.trustStorePassword=changeit \
	-cp "$build/classes:$build/lib/*" "$@"
