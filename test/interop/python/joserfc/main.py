"""joserfc: a key set, and a registry of the claims that must be there."""

from joserfc import jwt
from joserfc.jwk import KeySet
from report import env, jwks, verifier

registry = jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": env.ISSUER},
    aud={"essential": True, "value": env.AUDIENCE},
    exp={"essential": True},
)


def verify(token):
    decoded = jwt.decode(token, KeySet.import_key_set(jwks(token)), algorithms=[env.ALGORITHM])
    registry.validate(decoded.claims)
    return decoded.claims


verifier(verify)
