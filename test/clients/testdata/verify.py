"""Verifies tokens with PyJWT through the published key set.

Reads a JSON list of tokens with what to expect of them from standard input and
writes the list of their headers and claims. One that does not verify ends it.
"""

import json
import sys

import jwt


def verify(client, t):
    key = client.get_signing_key_from_jwt(t["token"])
    claims = jwt.decode(
        t["token"],
        key,
        algorithms=[t["algorithm"]],
        audience=t["audience"],
        issuer=t["issuer"],
        options={"require": ["exp", "iat", "jti", "sub", "aud", "iss"]},
    )
    return {"header": jwt.get_unverified_header(t["token"]), "claims": claims}


request = json.load(sys.stdin)
client = jwt.PyJWKClient(request["jwks_uri"])
json.dump([verify(client, t) for t in request["tokens"]], sys.stdout)
