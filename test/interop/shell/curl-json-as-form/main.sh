#!/usr/bin/env bash
# The line of many an API's documentation: curl -d with JSON, which curl sends as
# application/x-www-form-urlencoded, because nobody tells it otherwise.
. "$(dirname "$0")/../json.sh"

basic=(-u "$CLIENT_ID:$CLIENT_SECRET")
inside="\"client_id\":\"$CLIENT_ID\",\"client_secret\":\"$CLIENT_SECRET\","
scope=${SCOPE:+,\"scope\":\"$SCOPE\"}
grant='"grant_type":"client_credentials"'

token() { curl -sS "${basic[@]}" -d "{$grant$scope}" "$TOKEN_ENDPOINT"; }

case $1 in
post) curl -sS -d "{$inside$grant$scope}" "$TOKEN_ENDPOINT" ;;
refresh)
	first=$(token)
	# As documented: with the same credentials once more inside.
	curl -sS "${basic[@]}" -d "{$inside\"grant_type\":\"refresh_token\",\"refresh_token\":\"$(field refresh_token <<<"$first")\"}" "$TOKEN_ENDPOINT" | with_first "$first"
	;;
revoke)
	token=$(token | field access_token)
	curl -sS --fail-with-body "${basic[@]}" -d "{\"token\":\"$token\"}" "$REVOCATION_ENDPOINT" && echo "{\"access_token\":\"$token\"}"
	;;
introspect) curl -sS "${basic[@]}" -d "{\"token\":\"$TOKEN\"}" "$INTROSPECTION_ENDPOINT" ;;
*) token ;;
esac
