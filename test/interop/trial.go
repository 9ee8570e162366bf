package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"time"

	"github.com/grantd/grantd/test/blackbox"
)

// answer is what a client prints, as its library reports it.
type answer struct {
	AccessToken string    `json:"access_token"`
	TokenType   string    `json:"token_type"`
	ExpiresIn   *float64  `json:"expires_in"`
	Scope       scopeText `json:"scope"`
	// First is the token before, where two are fetched.
	First    string `json:"first"`
	Active   bool   `json:"active"`
	ClientID string `json:"client_id"`
	// Error is the text that a user of the library would see.
	Error string `json:"error"`
}

// scopeText is separated by spaces; a library may as well report a list.
type scopeText string

// UnmarshalJSON reads either.
func (s *scopeText) UnmarshalJSON(text []byte) error {
	var list []string
	err := json.Unmarshal(text, &list)
	if err == nil {
		*s = scopeText(strings.Join(list, " "))
		return nil
	}
	return json.Unmarshal(text, (*string)(s))
}

// trial is one run of one client for one feature.
type trial struct {
	row     *row
	feature feature
	*slot
	// key is the program's own; sent is the secret that it was given.
	key  blackbox.Key
	sent string
	// token is the one to introspect.
	token string

	out    outcome
	env    map[string]string
	saw    *recording
	answer answer
}

// try runs a client for a feature. The error says what was wrong with the run;
// whether it was meant to be so is for the caller.
func (s *slot) try(ctx context.Context, r *row, f feature, root string, limit time.Duration) (*trial, error) {
	t := &trial{row: r, feature: f, slot: s, saw: newRecording()}
	err := t.prepare()
	if err != nil {
		return t, fmt.Errorf("%w: prepare: %w", errNoAnswer, err)
	}
	command, err := r.command(root)
	if err != nil {
		return t, fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	s.proxy.begin()
	t.out = execute(ctx, limit, filepath.Dir(r.file), append(command, f.name), programEnvironment(t.env))
	t.saw = s.proxy.end()
	return t, t.judge(limit)
}

func (t *trial) prepare() error {
	var flags []string
	if t.row.RefreshTokens {
		flags = refreshGrants
	}
	if t.row.EndpointAudience && t.feature.key == signingKey {
		flags = append(flags, "--assertion-audience", "issuer_or_token_endpoint")
	}
	key, err := t.newKey(t.feature.key, flags...)
	if err != nil {
		return err
	}
	t.key, t.sent = key, key.Secret
	if t.feature.key == wrongKey {
		t.sent = "wrong"
	}
	t.env = t.environment()
	if t.feature.name == "introspect" {
		t.token, err = t.mint(t.subject, opaqueScope)
	}
	maps.Copy(t.env, map[string]string{
		"CLIENT_ID": t.key.ID, "CLIENT_SECRET": t.sent, "SCOPE": t.feature.scope, "TOKEN": t.token,
	})
	if t.feature.key == signingKey {
		t.env["PRIVATE_KEY"], t.env["PRIVATE_JWK"] = t.pair.pem, t.pair.jwk
	}
	if strings.HasPrefix(t.feature.name, "discovery_") {
		// A program that does not look them up finds nothing here.
		for _, name := range []string{"TOKEN_ENDPOINT", "REVOCATION_ENDPOINT", "INTROSPECTION_ENDPOINT", "JWKS_URI"} {
			t.env[name] = t.issuer + "/to-be-discovered"
		}
	}
	return err
}

// errNoAnswer is no failure of a library that could be declared: its program is broken.
var errNoAnswer = errors.New("the program gave no answer")

// judge says what is wrong with what the program printed and did.
func (t *trial) judge(limit time.Duration) error {
	for _, e := range t.saw.exchanges {
		t.process.Hide(e.values()["access_token"], e.values()["refresh_token"])
		params, _ := e.parameters()
		t.process.Hide(params["client_assertion"])
	}
	if t.out.stopped {
		return fmt.Errorf("it did not end within %s", limit)
	}
	line := lastLine(t.out.stdout)
	err := json.Unmarshal([]byte(line), &t.answer)
	if err != nil {
		return fmt.Errorf("%w: the last line is not the JSON object wanted: %w", errNoAnswer, err)
	}
	for _, e := range t.saw.exchanges {
		_, u := e.target()
		if u.Query().Has("client_secret") || t.key.Secret != "" && strings.Contains(u.RawQuery, t.key.Secret) {
			return errors.New("it put the secret into a URL")
		}
	}
	return t.feature.judge(t)
}
