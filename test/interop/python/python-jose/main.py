"""python-jose with the whole JWKS, whose keys it tries in order."""

from jose import jwt
from report import env, jwks, verifier


def verify(token):
    return jwt.decode(token, jwks(token), env.ALGORITHM, audience=env.AUDIENCE, issuer=env.ISSUER)


verifier(verify)
