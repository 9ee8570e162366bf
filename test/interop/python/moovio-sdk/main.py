"""moovio-sdk, the users' SDK."""

from moovio_sdk import Moov
from moovio_sdk.models.components import GrantType, Security
from report import client, env, scope

basic = Security(username=env.CLIENT_ID, password=env.CLIENT_SECRET)
oauth2 = Moov(server_url=env.ISSUER, security=basic).authentication


def token(grant_type=GrantType.CLIENT_CREDENTIALS, **fields):
    answer = oauth2.create_access_token(grant_type=grant_type, scope=scope, **fields)
    return answer.result.model_dump(mode="json")


def refresh():
    first = token()
    second = token(GrantType.REFRESH_TOKEN, refresh_token=first["refresh_token"])
    return second | {"first": first["access_token"]}


def revoke():
    answer = token()
    oauth2.revoke_access_token(token=answer["access_token"])
    return answer


# In the body as well as in the header, which is how this SDK is used.
twice = {"client_id": env.CLIENT_ID, "client_secret": env.CLIENT_SECRET}
client(token, json=lambda: token(**twice), refresh=refresh, revoke=revoke)
