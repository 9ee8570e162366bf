"""PyJWT with its JWKS client."""

import jwt
from report import env, verifier

# It waits 30 s between two readings of the JWKS unless told otherwise, and refuses a new
# key that long.
jwks = jwt.PyJWKClient(env.JWKS_URI, cooldown_duration=0)


def verify(token):
    key = jwks.get_signing_key_from_jwt(token)
    return jwt.decode(token, key, algorithms=[env.ALGORITHM], audience=env.AUDIENCE, issuer=env.ISSUER)


verifier(verify)
