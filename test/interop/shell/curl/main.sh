#!/usr/bin/env bash
# curl by hand: -u for Basic, -d for a form, --json for JSON. It reads CURL_CA_BUNDLE.
. "$(dirname "$0")/../json.sh"

basic=(-sS -u "$CLIENT_ID:$CLIENT_SECRET")
form=(-d grant_type=client_credentials)
if [ -n "$SCOPE" ]; then
	form+=(--data-urlencode "scope=$SCOPE")
fi

token() { curl "${basic[@]}" "${form[@]}" "${1:-$TOKEN_ENDPOINT}"; }
discover() { curl -sS "$ISSUER/.well-known/$1" | field token_endpoint; }

case $1 in
post)
	curl -sS "${form[@]}" --data-urlencode "client_id=$CLIENT_ID" --data-urlencode "client_secret=$CLIENT_SECRET" "$TOKEN_ENDPOINT"
	;;
json)
	curl "${basic[@]}" --json "{\"grant_type\":\"client_credentials\",\"scope\":\"$SCOPE\"}" "$TOKEN_ENDPOINT"
	;;
refresh)
	first=$(token)
	curl "${basic[@]}" -d grant_type=refresh_token -d "refresh_token=$(field refresh_token <<<"$first")" "$TOKEN_ENDPOINT" | with_first "$first"
	;;
revoke)
	token=$(token | field access_token)
	curl "${basic[@]}" --fail-with-body -d "token=$token" "$REVOCATION_ENDPOINT" && echo "{\"access_token\":\"$token\"}"
	;;
introspect) curl "${basic[@]}" -d "token=$TOKEN" "$INTROSPECTION_ENDPOINT" ;;
discovery_8414) token "$(discover oauth-authorization-server)" ;;
discovery_oidc) token "$(discover openid-configuration)" ;;
*) token ;;
esac
