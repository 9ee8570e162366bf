package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/oauth"
)

// Demo is what a development server makes at its first start.
type Demo struct {
	// Audience is the demo API's.
	Audience string `json:"audience"`
	// Plain is a key with the client_credentials grant.
	Plain DemoKey `json:"plain"`
	// SDK is a key that may also refresh, as payment SDKs expect.
	SDK DemoKey `json:"sdk"`
}

// DemoKey is a demo key with its secret.
type DemoKey struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	// Scope is one of its scopes, for an example.
	Scope string `json:"scope"`
}

// demoFile keeps the demo's secrets in the data directory, so that a second
// start prints the same lines. Only a development server writes it.
const demoFile = "demo.json"

const demoActor = "demo"

// demo returns the demo API and keys, made now or by an earlier start.
func (s *Server) demo(ctx context.Context) (*Demo, error) {
	if !s.Dev || !s.established.Load() {
		return nil, nil //nolint:nilnil // no demo is not an error
	}
	path := filepath.Join(s.Config.DataDir, demoFile)
	demo, err := readDemo(path)
	if err != nil || demo != nil {
		return demo, err
	}
	// Demo keys have their secrets on the disk: they stay out of a database that
	// is used for anything else.
	if s.mirror.Clients() > 0 || s.mirror.APIs() > 0 {
		err = fmt.Errorf("the database in %s was not made with --dev", s.Config.DataDir)
		return nil, fault.Hint(err, "start it without --dev, or name an empty directory with --data")
	}
	demo, err = s.makeDemo(ctx)
	if err != nil {
		return nil, fmt.Errorf("make the demo keys: %w", err)
	}
	text, err := json.MarshalIndent(demo, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the demo keys: %w", err)
	}
	draft := path + ".new"
	err = os.WriteFile(draft, append(text, '\n'), 0o600)
	if err == nil {
		err = os.Rename(draft, path)
	}
	if err != nil {
		return nil, fmt.Errorf("write the demo keys: %w", err)
	}
	return demo, nil
}

func readDemo(path string) (*Demo, error) {
	text, err := os.ReadFile(path) //nolint:gosec // inside the data directory
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // the first start has none
	}
	if err != nil {
		return nil, fmt.Errorf("read the demo keys: %w", err)
	}
	demo := &Demo{}
	err = json.Unmarshal(text, demo)
	if err != nil {
		err = fmt.Errorf("the demo keys in %s are damaged", path)
		return nil, fault.Hint(err, "start on an empty data directory")
	}
	return demo, nil
}

func (s *Server) makeDemo(ctx context.Context) (*Demo, error) {
	const audience = "https://api.example.com"
	_, err := s.usecases.CreateAPI(ctx, demoActor, admin.NewAPI{
		Audience: audience,
		Scopes: []string{
			"/ping.read",
			"/accounts.read",
			"/accounts.write",
			"/accounts/{accountID}/wallets.read",
			"/accounts/{accountID}/transfers.write",
		},
	})
	if err != nil {
		return nil, err
	}
	plain, err := s.usecases.CreateKey(ctx, demoActor, admin.NewKey{
		Name:   "demo",
		API:    audience,
		Scopes: []string{"/ping.read", "/accounts.read"},
	})
	if err != nil {
		return nil, err
	}
	sdk, err := s.usecases.CreateKey(ctx, demoActor, admin.NewKey{
		Name:       "demo for payment SDKs",
		API:        audience,
		Scopes:     []string{"/accounts.read", "/accounts.write", "/accounts/{accountID}/wallets.read"},
		GrantTypes: []oauth.GrantType{oauth.ClientCredentials, oauth.RefreshToken},
	})
	if err != nil {
		return nil, err
	}
	return &Demo{
		Audience: audience,
		Plain:    DemoKey{ClientID: plain.ClientID, ClientSecret: plain.ClientSecret, Scope: "/accounts.read"},
		SDK:      DemoKey{ClientID: sdk.ClientID, ClientSecret: sdk.ClientSecret, Scope: "/accounts.write"},
	}, nil
}
