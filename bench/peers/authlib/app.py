"""The peer Authlib: its Flask integration with the client credentials grant, once for JWTs and once
for opaque tokens, which are kept in a database with its SQLAlchemy mixin.
"""

import json
import os
import secrets

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.integrations.sqla_oauth2 import (
    OAuth2TokenMixin,
    create_query_token_func,
    create_save_token_func,
)
from authlib.oauth2.rfc6749 import ClientMixin, grants, list_to_scope, scope_to_list
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator, JWTIntrospectionEndpoint
from flask import Flask
from joserfc.jwk import ECKey
from sqlalchemy import Column, Integer, create_engine, event
from sqlalchemy.orm import declarative_base, scoped_session, sessionmaker

ISSUER = "https://auth.bench.example"
SCOPE = "read"

Base = declarative_base()
engine = create_engine("sqlite:///" + os.environ["PEER_DATABASE"])
session = scoped_session(sessionmaker(bind=engine))


@event.listens_for(engine, "connect")
def in_wal_mode(connection, _):
    # Several processes write; synchronous is left at SQLite's default, FULL.
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA busy_timeout=10000")


class Token(Base, OAuth2TokenMixin):
    __tablename__ = "oauth2_token"
    id = Column(Integer, primary_key=True)
    user_id = Column(Integer)

    def get_user_id(self):
        return self.user_id


class Client(ClientMixin):
    """A client with its secret as Authlib's own mixin keeps it, in memory."""

    client_id = "bench"
    client_secret = "a-secret-of-the-benchmark-and-of-nothing-else"

    def get_client_id(self):
        return self.client_id

    def get_allowed_scope(self, scope):
        return list_to_scope([s for s in scope_to_list(scope or "") if s == SCOPE])

    def check_client_secret(self, client_secret):
        return secrets.compare_digest(self.client_secret, client_secret)

    def check_endpoint_auth_method(self, method, endpoint):
        return method == "client_secret_basic"

    def check_grant_type(self, grant_type):
        return grant_type == "client_credentials"


CLIENTS = {Client.client_id: Client()}
KEY = ECKey.import_key(json.loads(os.environ["PEER_KEY"]))


class ClientCredentialsGrant(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]


class JWTGenerator(JWTBearerTokenGenerator):
    def get_jwks(self):
        return KEY


class JWTIntrospection(JWTIntrospectionEndpoint):
    def get_jwks(self):
        return KEY

    def check_permission(self, token, client, request):
        return token["client_id"] == client.client_id


class OpaqueIntrospection(IntrospectionEndpoint):
    def query_token(self, token, token_type_hint):
        return create_query_token_func(session, Token)(token, token_type_hint)

    def check_permission(self, token, client, request):
        return token.client_id == client.client_id

    def introspect_token(self, token):
        return {
            "active": not token.is_expired() and not token.is_revoked(),
            "client_id": token.client_id,
            "scope": token.scope,
            "iss": ISSUER,
            "iat": token.issued_at,
            "exp": token.issued_at + token.expires_in,
        }


def mount(app, path, save_token, introspection, generator=None):
    server = AuthorizationServer(app, query_client=CLIENTS.get, save_token=save_token)
    if generator:
        server.register_token_generator("default", generator)
    server.register_grant(ClientCredentialsGrant)
    server.register_endpoint(introspection)
    app.add_url_rule(path + "/token", path + "token", server.create_token_response, methods=["POST"])
    app.add_url_rule(
        path + "/introspect",
        path + "introspect",
        lambda: server.create_endpoint_response("introspection"),
        methods=["POST"],
    )


def create_app():
    app = Flask(__name__)
    app.config["OAUTH2_SCOPES_SUPPORTED"] = [SCOPE]
    app.config["OAUTH2_TOKEN_EXPIRES_IN"] = {"client_credentials": 3600}
    app.add_url_rule("/health", "health", lambda: "")
    app.teardown_appcontext(lambda _: session.remove())

    def keep_nothing(token, request):
        """A JWT says everything itself."""

    jwts = JWTGenerator(ISSUER, alg="ES256", expires_generator=lambda client, grant_type: 3600)
    mount(app, "/jwt", keep_nothing, JWTIntrospection(ISSUER), jwts)
    mount(app, "/opaque", create_save_token_func(session, Token), OpaqueIntrospection)
    return app
