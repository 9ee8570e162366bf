"""jwskate's JwtVerifier, of the author of requests-oauth2client."""

from jwskate import JwtVerifier, SignedJwt
from report import env, jwks, verifier


def verify(token):
    JwtVerifier(jwks(token), issuer=env.ISSUER, audience=env.AUDIENCE, alg=env.ALGORITHM, leeway=0).verify(
        token
    )
    return SignedJwt(token).claims


verifier(verify)
