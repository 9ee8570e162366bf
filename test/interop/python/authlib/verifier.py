"""Authlib's validator of JWT access tokens (RFC 9068)."""

from authlib.oauth2.rfc9068 import JWTBearerTokenValidator
from joserfc.jwk import KeySet
from report import env, jwks, verifier


class Validator(JWTBearerTokenValidator):
    def get_jwks(self):
        return self.jwks


validator = Validator(env.ISSUER, env.AUDIENCE)


def verify(token):
    validator.jwks = KeySet.import_key_set(jwks(token))
    claims = validator.authenticate_token(token)
    validator.validate_token(claims, scopes=None, request=None)
    return claims


verifier(verify)
