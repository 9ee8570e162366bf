// Command xoauth2 gets tokens with golang.org/x/oauth2, in one of its styles.
package main

import (
	"context"
	"os"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/grantd/grantd/test/interop/go/report"
)

var styles = map[string]oauth2.AuthStyle{
	"auto": oauth2.AuthStyleAutoDetect, "header": oauth2.AuthStyleInHeader, "params": oauth2.AuthStyleInParams,
}

func main() { report.Print(token(styles[os.Args[1]], os.Args[2])) }

func token(style oauth2.AuthStyle, feature string) (any, error) {
	ctx := context.Background()
	id, secret, endpoint := os.Getenv("CLIENT_ID"), os.Getenv("CLIENT_SECRET"), os.Getenv("TOKEN_ENDPOINT")
	config := clientcredentials.Config{ClientID: id, ClientSecret: secret, TokenURL: endpoint, Scopes: strings.Fields(os.Getenv("SCOPE")), AuthStyle: style}
	source := config.TokenSource(ctx)
	first, err := source.Token()
	last := first
	switch {
	case err != nil:
	case feature == "renew":
		time.Sleep(3 * time.Second)
		last, err = source.Token()
	case feature == "refresh":
		config := oauth2.Config{ClientID: id, ClientSecret: secret, Endpoint: oauth2.Endpoint{TokenURL: endpoint, AuthStyle: style}}
		last, err = config.TokenSource(ctx, &oauth2.Token{RefreshToken: first.RefreshToken}).Token()
	}
	return report.Of(last, first), err
}
