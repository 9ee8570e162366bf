package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/oauth"
)

// secretVariable is where grantd token finds the secret without a file.
const secretVariable = "GRANTD_CLIENT_SECRET" //nolint:gosec // the name, not the secret

type tokenCmd struct {
	Issuer           string        `required:"" placeholder:"URL" help:"Issuer to ask, exactly as it stands in its tokens."`
	ClientID         string        `name:"client-id" required:"" placeholder:"ID" help:"Client id of the key."`
	ClientSecretFile string        `name:"client-secret-file" placeholder:"FILE" help:"File with the client secret; - reads standard input. Without it, GRANTD_CLIENT_SECRET."`
	Scope            []string      `sep:"none" placeholder:"SCOPE" help:"Scope to ask for. Repeat it, or separate several by spaces. Without it, all that the key has."`
	Timeout          time.Duration `default:"10s" help:"How long each answer may take."`
	JSON             bool          `name:"json" help:"Print the whole response."`
}

// Help shows examples.
func (tokenCmd) Help() string {
	return "Prints the access token alone.\n\nExamples:\n\n" +
		"\tgrantd token --issuer https://auth.example.com --client-id 5clTR_MdVrrkgxw2 --client-secret-file secret.txt\n" +
		"\tcurl -H \"Authorization: Bearer $(grantd token --issuer … --client-id … --scope /ping.read)\" https://api.example.com/ping\n"
}

// Run fetches a token.
func (c *tokenCmd) Run(ctx context.Context, a *app) error {
	secret, err := c.secret(a)
	if err != nil {
		return err
	}
	server, err := newIssuer(c.Issuer, c.Timeout)
	if err != nil {
		return err
	}
	metadata, err := server.metadata(ctx)
	if err != nil {
		return err
	}
	err = server.endpoint("token_endpoint", metadata.TokenEndpoint)
	if err != nil {
		return err
	}
	r, err := tokenRequest(ctx, metadata.TokenEndpoint, c.ClientID, secret, oauth.TokenRequest{
		GrantType: oauth.ClientCredentials,
		Scope:     strings.Join(splitScopes(c.Scope), " "),
	})
	if err != nil {
		return err
	}
	status, body, err := server.send(r)
	if err != nil {
		return err
	}
	return c.print(a, status, body)
}

func (c *tokenCmd) secret(a *app) (string, error) {
	if c.ClientSecretFile != "" {
		return a.readSecret(c.ClientSecretFile)
	}
	secret := a.lookup(secretVariable)
	if secret == "" {
		return "", fault.Hint(errors.New("the client secret is missing"),
			"put it into a file for --client-secret-file, or into %s; an argument could be read by every user of this machine", secretVariable)
	}
	return secret, nil
}

// tokenRequest asks by Basic, which every server has.
func tokenRequest(ctx context.Context, endpoint, id, secret string, ask oauth.TokenRequest) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(ask.Form().Encode()))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	// RFC 6749 §2.3.1: both halves are form-encoded before they become Basic.
	r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
	return r, nil
}

func (c *tokenCmd) print(a *app, status int, body []byte) error {
	if status != http.StatusOK {
		return tokenRefusal(c.ClientID, status, body)
	}
	var response oauth.TokenResponse
	err := json.Unmarshal(body, &response)
	if err != nil || response.AccessToken == "" {
		return errors.New("the server answered without a token")
	}
	if c.JSON {
		return printJSON(a.stdout, response)
	}
	fmt.Fprintln(a.stdout, clean(response.AccessToken))
	return nil
}

// tokenRefusal is the server's own sentence.
func tokenRefusal(clientID string, status int, body []byte) error {
	var refused oauth.Error
	err := json.Unmarshal(body, &refused)
	if err != nil || refused.Code == "" {
		return fault.Hint(fmt.Errorf("the token endpoint answered %s", statusText(status)), "look at the server's log")
	}
	hints := map[oauth.ErrorCode]string{
		oauth.InvalidClient:          "check the client id and the secret; grantd key show tells whether the key is disabled",
		oauth.InvalidScope:           commandLine("key show", "", clientID) + " lists what the key was granted",
		oauth.UnauthorizedClient:     "create a key with the grant type client_credentials",
		oauth.TemporarilyUnavailable: "try again in a moment",
		oauth.ServerError:            "look at the server's log",
	}
	return fault.Hint(&refused, "%s", cmp.Or(hints[refused.Code], "RFC 6749 §5.2 says what this error means"))
}
