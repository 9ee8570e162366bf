"""Obtains tokens with the users' SDK as published.

Reads a JSON list of calls from standard input and writes a list of what came of
them. A call says where its credentials go: "basic", "body" or "both". The message
of an error is what a program shows that prints it.
"""

import json
import sys

from moovio_sdk import Moov
from moovio_sdk.models import components, errors


def call(c):
    security = None
    if c["credentials"] in ("basic", "both"):
        security = components.Security(username=c["client_id"], password=c["client_secret"])
    body = {}
    if c["credentials"] in ("body", "both"):
        body = {"client_id": c["client_id"], "client_secret": c["client_secret"]}
    for name in ("scope", "refresh_token"):
        if c.get(name):
            body[name] = c[name]
    with Moov(server_url=c["url"], security=security) as moov:
        try:
            answer = moov.authentication.create_access_token(
                grant_type=components.GrantType(c["grant_type"]), http_headers=c.get("headers"), **body
            )
        except errors.MoovError as e:
            return {"error": type(e).__name__, "status": e.status_code, "body": e.body, "message": str(e)}
    return {"token": answer.result.model_dump(mode="json")}


json.dump([call(c) for c in json.load(sys.stdin)], sys.stdout)
