"""msal: its OAuth 2.0 client for any server, or its application, as the first argument says."""

import sys

from msal import ConfidentialClientApplication
from msal.oauth2cli.oauth2 import Client
from report import client, env, scope


def oauth2cli(**credentials):
    return Client({"token_endpoint": env.TOKEN_ENDPOINT}, env.CLIENT_ID, **credentials)


def token(**credentials):
    return oauth2cli(**credentials or {"client_secret": env.CLIENT_SECRET}).obtain_token_for_client(scope)


def refresh():
    first, c = token(), oauth2cli(client_secret=env.CLIENT_SECRET)
    return {"first": first["access_token"]} | c.obtain_token_by_refresh_token(first["refresh_token"])


def application():
    app = ConfidentialClientApplication(env.CLIENT_ID, env.CLIENT_SECRET, oidc_authority=env.ISSUER)
    return app.acquire_token_for_client(env.SCOPE.split())


if sys.argv[1] == "application":
    others = ("post", "renew", "refresh", "discovery_oidc")
    client(application, **dict.fromkeys(others, application))
else:
    client(token, post=lambda: token(default_body={"client_secret": env.CLIENT_SECRET}), refresh=refresh)
