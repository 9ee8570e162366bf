#!/usr/bin/env bash
# wget by hand. Without --auth-no-challenge it would wait for a 401 before it sends Basic,
# and without --content-on-error the server's reason would be lost.
. "$(dirname "$0")/../json.sh"

post() {
	local data=$1
	shift
	wget -qO- --content-on-error --ca-certificate="$CA_FILE" --post-data="$data" "$@"
}
basic=(--auth-no-challenge --user="$CLIENT_ID" --password="$CLIENT_SECRET")
# wget encodes nothing; a space is all that has to be encoded in a scope.
form=grant_type=client_credentials${SCOPE:+&scope=${SCOPE// /+}}

token() { post "$form" "${basic[@]}" "${1:-$TOKEN_ENDPOINT}"; }
discover() { wget -qO- --ca-certificate="$CA_FILE" "$ISSUER/.well-known/$1" | field token_endpoint; }

case $1 in
post) post "$form&client_id=$CLIENT_ID&client_secret=$CLIENT_SECRET" "$TOKEN_ENDPOINT" ;;
json)
	post "{\"grant_type\":\"client_credentials\",\"scope\":\"$SCOPE\"}" --header="Content-Type: application/json" "${basic[@]}" "$TOKEN_ENDPOINT"
	;;
refresh)
	first=$(token)
	post "grant_type=refresh_token&refresh_token=$(field refresh_token <<<"$first")" "${basic[@]}" "$TOKEN_ENDPOINT" | with_first "$first"
	;;
revoke)
	token=$(token | field access_token)
	post "token=$token" "${basic[@]}" "$REVOCATION_ENDPOINT" && echo "{\"access_token\":\"$token\"}"
	;;
introspect) post "token=$TOKEN" "${basic[@]}" "$INTROSPECTION_ENDPOINT" ;;
discovery_8414) token "$(discover oauth-authorization-server)" ;;
discovery_oidc) token "$(discover openid-configuration)" ;;
# A 401 is exit code 6 to wget, and its body is thrown away.
*) token || [ $? -ne 6 ] || echo '{"error":"username/password authentication failure"}' ;;
esac
