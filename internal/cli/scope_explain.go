package cli

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/oauth"
)

type scopeExplainCmd struct {
	Server serverFlags `embed:""`

	Key       word             `xor:"whose" placeholder:"ID" help:"Client id of the key that would ask for a token."`
	Scope     []string         `sep:"none" placeholder:"SCOPE" help:"Scope it would ask for. Repeat it, or separate several by spaces; without it, none is asked for."`
	Resource  []string         `sep:"none" placeholder:"URI" help:"Audience it would ask for. Repeat it for several."`
	GrantType *oauth.GrantType `enum:"client_credentials,refresh_token" placeholder:"TYPE" help:"Grant type it would use: client_credentials or refresh_token. Without it, client_credentials."`
	Origin    string           `placeholder:"URL" help:"Origin header of its request."`
	Address   netip.Addr       `placeholder:"IP" help:"Address from which it would ask."`

	Token    word   `xor:"whose" placeholder:"FILE" help:"File with an access token that would be used; - reads standard input."`
	Method   string `placeholder:"GET" help:"Method of the request to the API."`
	Path     string `placeholder:"PATH" help:"Path of the request to the API, such as /accounts/a1/wallets."`
	Audience string `placeholder:"URI" help:"Audience of the API. Without it, the only one of the token."`

	JSON bool `name:"json" help:"Print JSON."`
}

// Help shows examples.
func (scopeExplainCmd) Help() string {
	return "Says whether a key would get a token, or whether a token is good for a request to an API, or both, and which rule decides. " +
		"Nothing is issued, counted or written. Ends with code 0 when it is granted and 1 when it is refused.\n\nExamples:\n\n" +
		"\tgrantd scope explain --key 5clTR_MdVrrkgxw2 --scope /accounts/a1/wallets.read --origin https://app.example.com\n" +
		"\tgrantd scope explain --key 5clTR_MdVrrkgxw2 --method GET --path /accounts/a1/wallets\n" +
		"\tgrantd scope explain --token token.txt --method GET --path /accounts/a1/wallets\n"
}

// Run explains.
func (c *scopeExplainCmd) Run(ctx context.Context, a *app) error {
	question, err := c.question(a)
	if err != nil {
		return err
	}
	answer, err := c.Server.client(a).Explain(ctx, question)
	if err != nil {
		return err
	}
	if c.JSON {
		err = printJSON(a.stdout, answer)
	} else {
		printExplanation(a, answer)
	}
	if err == nil && !answer.Granted {
		err = fault.Hint(errors.New("it would be refused"), "the first step that says no is the reason")
	}
	return err
}

func (c *scopeExplainCmd) question(a *app) (admin.ExplainQuestion, error) {
	switch {
	case c.Key == "" && c.Token == "":
		return admin.ExplainQuestion{}, misuse("name a key that would ask, or with --token and a file a token that would be used", "--key or --token is missing")
	case c.Key != "" && (c.Method != "" || c.Path != "" || c.Audience != "") && (c.Method == "" || c.Path == ""):
		return admin.ExplainQuestion{}, misuse("say which request its token would be for, such as --method GET --path /accounts/a1/wallets", "a request to an API needs --method and --path")
	case c.Key != "":
		return c.tokenRequest(), nil
	case len(c.Scope) > 0 || len(c.Resource) > 0 || c.Origin != "" || c.Address.IsValid() || c.GrantType != nil:
		return admin.ExplainQuestion{}, misuse("a token has its scopes; ask with --method and --path", "--scope, --resource, --origin, --address and --grant-type go with --key")
	case c.Method == "" || c.Path == "":
		return admin.ExplainQuestion{}, misuse("say which request it is for, such as --method GET --path /accounts/a1/wallets", "--token needs --method and --path")
	default:
		return c.apiRequest(a)
	}
}

// tokenRequest asks whether a key would get a token, and whether that is good for a
// request.
func (c *scopeExplainCmd) tokenRequest() admin.ExplainQuestion {
	q := admin.ExplainQuestion{
		ClientID:  string(c.Key),
		GrantType: oauth.ClientCredentials,
		// As it is, because the endpoint refuses a space too many.
		Scope:     strings.Join(c.Scope, " "),
		Resources: c.Resource,
		Origin:    c.Origin,
		Method:    c.Method,
		Path:      c.Path,
		Audience:  c.Audience,
	}
	if c.GrantType != nil {
		q.GrantType = *c.GrantType
	}
	if c.Address.IsValid() {
		q.Address = c.Address.String()
	}
	return q
}

// apiRequest asks whether a token is good for a request to an API.
func (c *scopeExplainCmd) apiRequest(a *app) (admin.ExplainQuestion, error) {
	if looksLikeToken(string(c.Token)) {
		return admin.ExplainQuestion{}, misuse("put it into a file, or paste it after: grantd scope explain --token - …", "%s", asArgument)
	}
	token, err := a.readToken(string(c.Token))
	if err != nil {
		return admin.ExplainQuestion{}, err
	}
	return admin.ExplainQuestion{Token: token, Method: c.Method, Path: c.Path, Audience: c.Audience}, nil
}

// printExplanation writes the sentence first, for whoever pastes it, and then how
// it came about.
func printExplanation(a *app, e admin.Explanation) {
	fmt.Fprintf(a.stdout, "%s\n\n", clean(e.Sentence))
	rows := make([][]string, len(e.Steps))
	for i, step := range e.Steps {
		mark := "ok"
		if !step.Passed {
			mark = "no"
		}
		rows[i] = []string{"  " + mark, step.Rule, step.Sentence}
	}
	printTable(a.stdout, rows)
}
