package console

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/grantd/grantd/internal/admin"
)

// signingSnippets are programs that get a token with a key that signs. The private key is
// in a file that no server has seen.
func signingSnippets(issuer string, key admin.Key, scope string) []snippet {
	extra, form, rsa, padding := "", "", "RS256", ""
	if scope != "" {
		extra = ",\n    scope: " + strconv.Quote(scope)
		form = " \\\n  --data-urlencode " + shellQuote("scope="+scope)
	}
	if !maySign(key, rsa) && maySign(key, "PS256") {
		rsa, padding = "PS256", ", padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32"
	}
	all := []snippet{{"node", "Node", fmt.Sprintf(nodeSigningText, key.ClientID, issuer, rsa, padding, extra)}}
	if maySign(key, "EdDSA") {
		all = append(all, snippet{"sh", "Shell with openssl and curl", fmt.Sprintf(shellSigningText, shellQuote(key.ClientID), shellQuote(issuer), form)})
	}
	return all
}

// maySign says whether one of the public keys is good for an algorithm that the key may
// sign with.
func maySign(key admin.Key, algorithm string) bool {
	return slices.ContainsFunc(key.PublicKeys(), func(one string) bool { return slices.Contains(strings.Fields(one), algorithm) }) &&
		(len(key.AssertionAlgorithms) == 0 || slices.Contains(key.AssertionAlgorithms, algorithm))
}

// nodeSigningText signs with whatever kind of key the file has; each has one algorithm
// that is good for it.
const nodeSigningText = `import { constants, createPrivateKey, randomUUID, sign } from "node:crypto";
import { readFileSync } from "node:fs";

const id = %q;
const issuer = %q;
const key = createPrivateKey(readFileSync("private.pem"));
const alg = { ec: "ES256", ed25519: "EdDSA", rsa: %q }[key.asymmetricKeyType];
const now = Math.floor(Date.now() / 1000);
const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const input = part({ alg, typ: "JWT" }) + "." +
  part({ iss: id, sub: id, aud: issuer, jti: randomUUID(), iat: now, exp: now + 60 });
const signature = sign(alg === "EdDSA" ? null : "sha256", Buffer.from(input), { key, dsaEncoding: "ieee-p1363"%s });
const response = await fetch(issuer + "/oauth2/token", {
  method: "POST",
  body: new URLSearchParams({
    grant_type: "client_credentials",
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: input + "." + signature.toString("base64url")%s,
  }),
});
console.log((await response.json()).access_token);
`

const shellSigningText = `id=%s
issuer=%s
b64() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
json() { printf '%%s' "$1" | sed 's/[\\"]/\\&/g'; }
now=$(date +%%s)
input=$(printf '{"alg":"EdDSA","typ":"JWT"}' | b64).$(
  printf '{"iss":"%%s","sub":"%%s","aud":"%%s","jti":"%%s","iat":%%d,"exp":%%d}' \
    "$(json "$id")" "$(json "$id")" "$issuer" "$(openssl rand -hex 16)" "$now" "$((now + 60))" | b64)
file=$(mktemp)
trap 'rm -f "$file"' EXIT
printf '%%s' "$input" >"$file"
signature=$(openssl pkeyutl -sign -rawin -inkey private.pem -in "$file" | b64)
curl -d grant_type=client_credentials \
  -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \
  -d "client_assertion=$input.$signature"%s \
  "$issuer/oauth2/token"
`
