"""requests-oauth2client: its OAuth2Client, and its auth handler for requests."""

import requests_oauth2client as lib
from report import client, env, renewed, scope
from requests import Request
from requests_oauth2client.discovery import oauth2_discovery_document_url as rfc8414_url

key = env.CLIENT_ID, env.CLIENT_SECRET
other = {"revocation_endpoint": env.REVOCATION_ENDPOINT, "introspection_endpoint": env.INTROSPECTION_ENDPOINT}
basic = lib.OAuth2Client(env.TOKEN_ENDPOINT, lib.ClientSecretBasic(*key), **other)
discover = lib.OAuth2Client.from_discovery_endpoint
auth = lib.OAuth2ClientCredentialsAuth(basic, scope=scope)


def token(oauth2=basic):
    return oauth2.client_credentials(scope).as_dict()


def refresh():
    first = token()
    return {"first": first["access_token"]} | basic.refresh_token(first["refresh_token"]).as_dict()


def revoke():
    answer = token()
    basic.revoke_access_token(answer["access_token"])
    return answer


client(
    token,
    post=lambda: token(lib.OAuth2Client(env.TOKEN_ENDPOINT, lib.ClientSecretPost(*key))),
    renew=lambda: renewed(lambda: auth(Request("GET", env.ISSUER).prepare()) and auth.token.access_token),
    refresh=refresh,
    revoke=revoke,
    introspect=lambda: basic.introspect_token(env.TOKEN),
    discovery_8414=lambda: token(discover(rfc8414_url(env.ISSUER), env.ISSUER, auth=basic.auth)),
    discovery_oidc=lambda: token(discover(issuer=env.ISSUER, auth=basic.auth)),
)
