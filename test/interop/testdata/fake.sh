#!/usr/bin/env bash
# Clients that do what they claim, and clients that do not: fake.sh KIND FEATURE.
form=(-d grant_type=client_credentials)
if [ -n "$SCOPE" ]; then
	form+=(--data-urlencode "scope=$SCOPE")
fi
basic=(-sS -u "$CLIENT_ID:$CLIENT_SECRET")
post=(-sS -d "client_id=$CLIENT_ID" --data-urlencode "client_secret=$CLIENT_SECRET")
token() { curl "${basic[@]}" "${form[@]}" "$TOKEN_ENDPOINT"; }
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
reported() { echo "{\"access_token\":\"$1\",\"first\":\"${2-}\"}"; }

case $1 in
honest) token ;;
invents) echo '{"access_token":"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJtZSJ9.c2lnbmF0dXJl","token_type":"Bearer"}' ;;
silent) token >/dev/null ;;
hangs)
	# The child holds the output open when its parent is gone.
	sleep 300 &
	echo $! >"$FAKE_PID_FILE"
	wait
	;;
posts) curl "${post[@]}" "${form[@]}" "$TOKEN_ENDPOINT" ;;
needs-refresh-tokens) token | grep refresh_token || echo '{"error":"no refresh_token"}' ;;
asks-for-less) curl "${basic[@]}" -d grant_type=client_credentials "$TOKEN_ENDPOINT" ;;
reports-another-scope) token | sed 's|"scope":"[^"]*"|"scope":"/accounts.delete"|' ;;
reports-another-lifetime) token | sed 's|"expires_in":3600|"expires_in":60|' ;;
reports-a-part) token | sed 's|"access_token":"eyJ|"access_token":"eyK|' ;;
secret-in-url)
	curl -sS -o /dev/null "$TOKEN_ENDPOINT?client_secret=$CLIENT_SECRET"
	token
	;;
hides-the-error) token >/dev/null && echo '{"error":"401 Unauthorized"}' ;;
invents-the-error) echo '{"error":"invalid_client"}' ;;
keeps-the-old) token=$(token | field access_token) && sleep 1 && reported "$token" "$token" ;;
renews-too-early)
	# In one process, so that no slow machine lets the first one expire.
	both=$(curl "${basic[@]}" "${form[@]}" -w '\n' "$TOKEN_ENDPOINT" --next "${basic[@]}" "${form[@]}" "$TOKEN_ENDPOINT" | field access_token)
	reported "${both#*$'\n'}" "${both%$'\n'*}"
	;;
asks-again) first=$(token | field access_token) && reported "$(token | field access_token)" "$first" ;;
forgets-to-revoke) token ;;
revokes-another)
	curl "${basic[@]}" -d "token=$(token | field access_token)" "$REVOCATION_ENDPOINT"
	token
	;;
believes) echo '{"active":true,"scope":"/opaque.read","client_id":"me"}' ;;
knows-the-endpoint) curl "${basic[@]}" "${form[@]}" "$ISSUER/oauth2/token" ;;
esac
