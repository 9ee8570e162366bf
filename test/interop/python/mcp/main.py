"""The MCP Python SDK's provider for client_credentials (SEP-1046), as an auth of httpx."""

import time

import anyio
import httpx2
from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider
from mcp_server import AUDIENCE, URL, Memory, transport
from report import client, env, renewed


def provider(method="client_secret_basic"):
    key = env.CLIENT_ID, env.CLIENT_SECRET
    return ClientCredentialsOAuthProvider(URL, Memory(), *key, method, issuer=env.ISSUER)


def token(auth):
    async def call():
        async with httpx2.AsyncClient(auth=auth, mounts={AUDIENCE: transport()}) as http:
            await http.get(URL)
        return auth.context.current_tokens.model_dump()

    return anyio.run(call)


def refresh():
    auth = provider()
    first = token(auth)
    auth.context.token_expiry_time = time.time() - 1  # It refreshes only what has expired.
    return token(auth) | {"first": first["access_token"]}


auth = provider()
client(
    lambda: token(auth),
    post=lambda: token(provider("client_secret_post")),
    renew=lambda: renewed(lambda: token(auth)["access_token"]),
    refresh=refresh,
    discovery_8414=lambda: token(auth),
)
