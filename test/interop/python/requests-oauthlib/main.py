"""requests-oauthlib with oauthlib's client for this grant, BackendApplicationClient."""

from oauthlib.oauth2 import BackendApplicationClient
from report import client, env, scope
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

backend = BackendApplicationClient(env.CLIENT_ID, scope=scope)
session = OAuth2Session(client=backend)
basic = HTTPBasicAuth(env.CLIENT_ID, env.CLIENT_SECRET)


def token(**options):
    answer = session.fetch_token(env.TOKEN_ENDPOINT, client_secret=env.CLIENT_SECRET, **options)
    return answer | {"scope": " ".join(answer["scope"])}


def as_json(url, headers, request):
    return url, {"Accept": "application/json"}, {"json": request["data"]}


def json_token():
    session.register_compliance_hook("access_token_request", as_json)
    return token()


def refresh():
    return {"first": token()["access_token"]} | session.refresh_token(env.TOKEN_ENDPOINT, auth=basic)


def revoke():
    answer, url = token(), env.REVOCATION_ENDPOINT
    url, headers, body = backend.prepare_token_revocation_request(url, answer["access_token"])
    session.post(url, body, headers=headers, auth=basic, withhold_token=True).raise_for_status()
    return answer


client(token, post=lambda: token(include_client_id=True), json=json_token, refresh=refresh, revoke=revoke)
