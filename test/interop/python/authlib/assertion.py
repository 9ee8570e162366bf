"""Authlib's OAuth 2.0 session with a JWT that it signs."""

import time

from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import ECKey
from report import client, env, scope


def token():
    # Without exp it is good for an hour; with claims of its own the method keeps the jti, and is good for one token.
    method = PrivateKeyJWT(env.TOKEN_ENDPOINT, claims={"exp": int(time.time()) + 60}, alg="ES256")
    key = ECKey.import_key(env.PRIVATE_KEY)
    session = OAuth2Session(env.CLIENT_ID, key, token_endpoint_auth_method=method, scope=scope)
    return session.fetch_token(env.TOKEN_ENDPOINT)


client(None, private_key_jwt=token)
