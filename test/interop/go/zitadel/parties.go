package main

import (
	"context"
	"os"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/client/rp"
	"github.com/zitadel/oidc/v3/pkg/client/rs"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"golang.org/x/oauth2"
)

var issuer, id, secret = os.Getenv("ISSUER"), os.Getenv("CLIENT_ID"), os.Getenv("CLIENT_SECRET")

// relyingParty reads openid-configuration unless it is told of another document.
func relyingParty(ctx context.Context, feature string) (rp.RelyingParty, error) {
	style, document := oauth2.AuthStyleInHeader, ""
	switch feature {
	case "post":
		style = oauth2.AuthStyleInParams
	case "discovery_8414":
		document = issuer + "/.well-known/oauth-authorization-server"
	}
	return rp.NewRelyingPartyOIDC(ctx, issuer, id, secret, "", strings.Fields(os.Getenv("SCOPE")),
		rp.WithAuthStyle(style), rp.WithCustomDiscoveryUrl(document))
}

// introspect asks as a resource server.
func introspect(ctx context.Context) (*oidc.IntrospectionResponse, error) {
	server, err := rs.NewResourceServerClientCredentials(ctx, issuer, id, secret)
	if err != nil {
		return nil, err
	}
	return rs.Introspect[*oidc.IntrospectionResponse](ctx, server, os.Getenv("TOKEN"))
}
