"""Revokes tokens with the users' SDK as published.

Reads a JSON list of calls from standard input and writes a list of what came of
them. A call says where its credentials go: "basic", "body" or "both".
"""

import json
import sys

from moovio_sdk import Moov
from moovio_sdk.models import components, errors


def call(c):
    security = None
    if c["credentials"] in ("basic", "both"):
        security = components.Security(username=c["client_id"], password=c["client_secret"])
    body = {"token": c["token"]}
    if c["credentials"] in ("body", "both"):
        body |= {"client_id": c["client_id"], "client_secret": c["client_secret"]}
    if c.get("token_type_hint"):
        body["token_type_hint"] = components.TokenTypeHint(c["token_type_hint"])
    with Moov(server_url=c["url"], security=security) as moov:
        try:
            moov.authentication.revoke_access_token(**body)
        except errors.MoovError as e:
            return {"error": type(e).__name__, "status": e.status_code, "body": e.body}
    return {}


json.dump([call(c) for c in json.load(sys.stdin)], sys.stdout)
