"""requests-oauth2client with a JWT that it signs."""

import requests_oauth2client as lib
from jwskate import Jwk
from report import client, env, scope

key = Jwk.from_pem(env.PRIVATE_KEY).with_kid_thumbprint()
method = lib.PrivateKeyJwt(env.CLIENT_ID, key, alg="ES256", aud=env.ISSUER)

client(None, private_key_jwt=lambda: lib.OAuth2Client(env.TOKEN_ENDPOINT, method).client_credentials(scope).as_dict())
