#!/usr/bin/env bash
# HTTPie by hand: JSON unless --form is given, -a for Basic.
. "$(dirname "$0")/../json.sh"

bin=$(dirname "$0")/../../../../build/interop/shell
export HTTPIE_CONFIG_DIR=$bin/config
request() { "$bin/bin/http" --ignore-stdin --body --verify "$CA_FILE" "$@"; }

basic=(-a "$CLIENT_ID:$CLIENT_SECRET")
grant=(grant_type=client_credentials ${SCOPE:+"scope=$SCOPE"})

token() { request --form "${basic[@]}" POST "${1:-$TOKEN_ENDPOINT}" "${grant[@]}"; }
discover() { request GET "$ISSUER/.well-known/$1" | field token_endpoint; }

case $1 in
post) request --form POST "$TOKEN_ENDPOINT" "${grant[@]}" "client_id=$CLIENT_ID" "client_secret=$CLIENT_SECRET" ;;
json) request "${basic[@]}" POST "$TOKEN_ENDPOINT" "${grant[@]}" ;;
refresh)
	first=$(token)
	request --form "${basic[@]}" POST "$TOKEN_ENDPOINT" grant_type=refresh_token "refresh_token=$(field refresh_token <<<"$first")" | with_first "$first"
	;;
revoke)
	token=$(token | field access_token)
	request --check-status --form "${basic[@]}" POST "$REVOCATION_ENDPOINT" "token=$token" && echo "{\"access_token\":\"$token\"}"
	;;
introspect) request --form "${basic[@]}" POST "$INTROSPECTION_ENDPOINT" "token=$TOKEN" ;;
discovery_8414) token "$(discover oauth-authorization-server)" ;;
discovery_oidc) token "$(discover openid-configuration)" ;;
*) token ;;
esac
