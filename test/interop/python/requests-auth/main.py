"""requests-auth: a requests.auth.AuthBase that puts a bearer token on each request."""

import requests
from report import client, env, renewed, scope
from requests_auth import OAuth2ClientCredentials

auth = OAuth2ClientCredentials(env.TOKEN_ENDPOINT, env.CLIENT_ID, env.CLIENT_SECRET, scope=scope)


def access_token():
    request = auth(requests.Request("GET", env.ISSUER).prepare())
    return request.headers["Authorization"].removeprefix("Bearer ")


client(lambda: {"access_token": access_token()}, renew=lambda: renewed(access_token))
