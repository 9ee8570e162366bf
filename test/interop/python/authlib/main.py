"""Authlib's OAuth 2.0 session, on requests or on httpx as the first argument says."""

import sys

from authlib.integrations.httpx_client import OAuth2Client
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2 import rfc8414
from authlib.oidc import discovery
from report import client, env, renewed, scope

Session = {"requests": OAuth2Session, "httpx": OAuth2Client}[sys.argv[1]]
session = Session(env.CLIENT_ID, env.CLIENT_SECRET, scope=scope, token_endpoint=env.TOKEN_ENDPOINT)


def renew():
    session.fetch_token()
    # Each request of the session begins with this call.
    return renewed(lambda: session.ensure_active_token() and session.token["access_token"])


def revoke():
    token = session.fetch_token()
    session.revoke_token(env.REVOCATION_ENDPOINT, token["access_token"], "access_token").raise_for_status()
    return token


def discovered(url):
    return session.fetch_token(session.request("GET", url, withhold_token=True).json()["token_endpoint"])


client(
    session.fetch_token,
    post=lambda: session.fetch_token(auth=session.client_auth("client_secret_post")),
    renew=renew,
    refresh=lambda: {"first": session.fetch_token()["access_token"]} | session.refresh_token(),
    revoke=revoke,
    introspect=lambda: session.introspect_token(env.INTROSPECTION_ENDPOINT, env.TOKEN).json(),
    discovery_8414=lambda: discovered(rfc8414.get_well_known_url(env.ISSUER, external=True)),
    discovery_oidc=lambda: discovered(discovery.get_well_known_url(env.ISSUER, external=True)),
)
