"""The protected MCP server that makes the SDK want a token. It is inside the program."""

import httpx2
from report import env, scope

AUDIENCE = "https://short.interop.test" if scope == "/short.read" else "https://api.interop.test"
URL = f"{AUDIENCE}/mcp"


def transport():
    """Answers 401 without a token, and says as RFC 9728 does where to get one."""
    resource = {"resource": AUDIENCE, "authorization_servers": [env.ISSUER]}

    def answer(request):
        if request.url.path == "/.well-known/oauth-protected-resource/mcp":
            return httpx2.Response(200, json=resource)
        if "Authorization" in request.headers:
            return httpx2.Response(200)
        challenge = f'Bearer scope="{scope}"' if scope else "Bearer"
        return httpx2.Response(401, headers={"WWW-Authenticate": challenge})

    return httpx2.MockTransport(answer)


class Memory:
    """The least that the SDK takes as a store of tokens."""

    async def get_tokens(self):
        return None

    async def set_tokens(self, tokens):
        pass
