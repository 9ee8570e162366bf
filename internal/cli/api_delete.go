package cli

import (
	"context"
	"fmt"
)

type apiDeleteCmd struct {
	API     apiFlags     `embed:""`
	Consent consentFlags `embed:""`
}

// Help says what happens to its tokens.
func (apiDeleteCmd) Help() string {
	return deletedFate + " Refused while a key is granted a scope of the API. Asks first, unless --yes is given.\n\nExamples:\n\n" +
		"\tgrantd api delete https://old.example.com\n" +
		"\tgrantd api delete https://old.example.com --yes\n"
}

// Run deletes the API.
func (c *apiDeleteCmd) Run(ctx context.Context, a *app) error {
	api := string(c.API.API)
	err := c.Consent.confirm(a, fmt.Sprintf("this deletes API %s, and its tokens end", api))
	if err != nil {
		return err
	}
	err = c.API.Server.client(a).DeleteAPI(ctx, api)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "deleted API %s\n", clean(api))
	printReach(a)
	return nil
}
