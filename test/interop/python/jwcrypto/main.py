"""jwcrypto: a JWT that checks claims, on a JWKSet."""

import json

from jwcrypto.jwk import JWKSet
from jwcrypto.jwt import JWT
from report import env, jwks, verifier


def verify(token):
    jwt = JWT(check_claims={"iss": env.ISSUER, "aud": env.AUDIENCE, "exp": None}, algs=[env.ALGORITHM])
    jwt.leeway = 0
    jwt.deserialize(token, JWKSet.from_json(json.dumps(jwks(token))))
    return json.loads(jwt.claims)


verifier(verify)
