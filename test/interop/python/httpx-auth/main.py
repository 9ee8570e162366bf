"""httpx-auth: an httpx.Auth that puts a bearer token on each request."""

import httpx
from httpx_auth import OAuth2ClientCredentials
from report import client, env, renewed, scope

auth = OAuth2ClientCredentials(env.TOKEN_ENDPOINT, env.CLIENT_ID, env.CLIENT_SECRET, scope=scope)


def access_token():
    request = next(auth.sync_auth_flow(httpx.Request("GET", env.ISSUER)))
    return request.headers["Authorization"].removeprefix("Bearer ")


client(lambda: {"access_token": access_token()}, renew=lambda: renewed(access_token))
