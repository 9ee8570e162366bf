#!/usr/bin/env bash
# A verifier that asks grantd, and some that do not verify: fake_verifier.sh KIND.
decode() { base64 -d 2>/dev/null <<<"$(tr '_-' '/+' <<<"$1")="; }
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" <<<"$2"; }
accept() { echo "{\"ok\":true,\"sub\":\"$(field sub "$1")\",\"scope\":\"$(field scope "$1")\"}"; }
refuse() { echo "{\"ok\":false,\"error\":\"$1\"}"; }

known=
while read -r token; do
	IFS=. read -r header payload _ <<<"$token"
	case $1 in
	honest)
		answer=$(curl -sS -u "$CLIENT_ID:$CLIENT_SECRET" -d "token=$token" "$INTROSPECTION_ENDPOINT")
		if [[ $answer == *'"active":true'* && $answer == *"\"aud\":\"$AUDIENCE\""* ]]; then
			accept "$answer"
		else
			refuse inactive
		fi
		;;
	believes | lingers) accept "$(decode "$payload")" ;;
	doubts) refuse "I doubt it" ;;
	dies) exit ;;
	misreads) accept "{\"sub\":\"somebody\",\"scope\":\"everything\"}" ;;
	stubborn)
		known=${known:-$header}
		if [[ $header == "$known" ]]; then
			accept "$(decode "$payload")"
		else
			refuse "unknown key"
		fi
		;;
	esac
done
if [[ $1 == lingers ]]; then
	sleep 300
fi
