"""What the fuzzer of the Admin API is told beside the document.

Made-up ids are those of nothing, so half of the well-formed requests get the id of a
record that is there, and the version that If-Match is to have, or a body that means
something. Every request has a token of its own: some of them end all tokens. After each
answer a line is written, with which the test sees what was reached.
"""

import itertools
import json
import os

import requests
import schemathesis
from schemathesis.generation import GenerationMode

BASE = os.environ["GRANTD_BASE"]
KEY = (os.environ["GRANTD_ID"], os.environ["GRANTD_SECRET"])
# The requests of these hooks and of the fuzzer go to this machine.
session = requests.Session()
session.trust_env = False
turn = itertools.count()


def token():
    form = {"grant_type": "client_credentials", "resource": os.environ["GRANTD_RESOURCE"]}
    answer = session.post(os.environ["GRANTD_TOKEN"], data=form, auth=KEY)
    answer.raise_for_status()
    return answer.json()["access_token"]


def records(path, member, keep=lambda record: True):
    """The ids in a list, but for the fuzzer's own key."""
    answer = session.get(BASE + path, headers={"Authorization": "Bearer " + token()})
    return [r[member] for r in answer.json()["items"] if keep(r) and r[member] != KEY[0]]


def known(template):
    """Ids of records that are there, for the path of an operation."""
    ids = {}
    if template.startswith("/admin/v1/keys/"):
        ids["id"] = records("/keys?limit=200&contains=for+the+fuzzer", "client_id")
    if template.startswith("/admin/v1/apis/"):
        ids["id"] = records("/apis?limit=200", "id", lambda api: not api["audience"].endswith("/admin"))
    if "{client_id}" in template:
        ids["client_id"] = records("/keys?limit=200&contains=for+the+fuzzer", "client_id")
    if "{kid}" in template:
        ids["kid"] = records("/signing-keys", "kid")
    ids["secret"] = ["default"]
    n = next(turn)
    return {name: of[n % len(of)] for name, of in ids.items() if of and "{%s}" % name in template}


def bodies():
    name = "made %d for the fuzzer" % next(turn)
    scope = "/made-%d.read" % next(turn)
    return {
        ("POST", "/admin/v1/keys"): {"name": name, "scopes": ["/accounts.read"]},
        ("PATCH", "/admin/v1/keys/{id}"): {"name": name},
        ("POST", "/admin/v1/keys/{id}/secrets"): {"name": name},
        ("POST", "/admin/v1/keys/{id}/secrets/{secret}/retire"): {"force": True},
        ("POST", "/admin/v1/apis"): {"audience": "https://%d.example" % next(turn), "scopes": [scope]},
        ("PATCH", "/admin/v1/apis/{id}"): {"scopes": [scope], "force": True},
        ("POST", "/admin/v1/tokens/inspect"): {"token": token()},
        ("POST", "/admin/v1/tokens/revoke"): {"token": token()},
        ("POST", "/admin/v1/apply"): {"keys": [{"client_id": name.replace(" ", "-"), "name": name, "scopes": ["/accounts.read"]}]},
        ("POST", "/admin/v1/explain"): {"client_id": KEY[0]},
        ("POST", "/admin/v1/signing-keys/rotate"): {"now": True},
    }


def well_formed(case):
    return case.meta is None or case.meta.generation.mode == GenerationMode.POSITIVE


@schemathesis.hook
def before_call(context, case, kwargs):
    headers = dict(case.headers or {})
    if well_formed(case) and next(turn) % 2 == 0:
        template = case.operation.path
        case.path_parameters = {**(case.path_parameters or {}), **known(template)}
        body = bodies().get((case.operation.method.upper(), template))
        if body is not None:
            case.body = body
            case.media_type = "application/json"
        if "If-Match" in headers:
            seen = session.get(BASE + case.formatted_path.removeprefix("/admin/v1"), headers={"Authorization": "Bearer " + token()})
            headers["If-Match"] = seen.headers.get("ETag", '"none"')
    headers["Authorization"] = "Bearer " + token()
    case.headers = headers


@schemathesis.hook
def after_call(context, case, response):
    with open(os.environ["GRANTD_SEEN"], "a", encoding="utf-8") as seen:
        json.dump({"method": case.operation.method.upper(), "path": case.operation.path, "status": response.status_code}, seen)
        seen.write("\n")
