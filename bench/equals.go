package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// heats are a peer, grantd doing equal work, and the form limit server: for a token,
// and for the introspection of one where the peer can do that. The process of the peer
// is not filled in.
func (w *ware) heats(ctx context.Context, f field, host string, p peer) ([][]contender, error) {
	request, err := w.request(host, "")
	if err != nil {
		return nil, err
	}
	token, err := w.get(ctx, host, request)
	if err != nil {
		return nil, fmt.Errorf("ask for an %s: %w", w.title(), err)
	}
	name, ours := w.same(f)
	theirs := contender{
		name: p.Name + ": " + w.title(), address: host, scripts: always(request),
		against: []against{{name: w.limit(), kind: w.title(), bar: p.Name}},
	}
	all := [][]contender{f.beside(theirs, name, ours, p.goal())}
	if w.Introspection == nil {
		return all, nil
	}
	request, err = w.Introspection.request(host, token)
	if err != nil {
		return nil, err
	}
	err = confirm(ctx, host, request)
	if err != nil {
		return nil, fmt.Errorf("introspect an %s: %w", w.title(), err)
	}
	name, ours = w.sameIntrospection(f)
	beside := against{name: limitFormAboutJWT, kind: kindAboutJWT, bar: p.Name}
	if w.Format == opaqueFormat {
		beside.name, beside.kind = limitFormAbout, kindAboutOpaque
	}
	theirs = contender{
		name: p.Name + ": introspection of an " + w.title(), address: host, scripts: always(request),
		against: []against{beside},
	}
	return append(all, f.beside(theirs, name, ours, 0)), nil
}

// beside are the three contenders of a comparison with a peer, which is to be compared
// with the limit server.
func (f field) beside(theirs contender, name string, ours []byte, goal float64) []contender {
	theirs.cold = true
	limit := theirs.against[0].name
	return []contender{
		f.limit(limit, always(ours)),
		theirs,
		f.ours(name, always(ours), against{name: theirs.name, ratio: goal}, against{name: limit}),
	}
}

// get asks for one token, which has to be of the format.
func (w *ware) get(ctx context.Context, host string, request []byte) (string, error) {
	body, err := fetch(ctx, host, request)
	if err != nil {
		return "", err
	}
	answer := struct {
		Token string `json:"access_token"`
	}{}
	err = json.Unmarshal(body, &answer)
	if err != nil || answer.Token == "" {
		return "", fmt.Errorf("there is no access_token in %s", body)
	}
	// Opaque tokens of others may have dots.
	got := opaqueFormat
	s := sample{body: fmt.Appendf(nil, `{"access_token":%q}`, answer.Token)}
	algorithm, err := s.algorithm()
	if err == nil {
		got = algorithm
	}
	if got != w.Format {
		return "", fmt.Errorf("the token is %s, not %s: %s", got, w.Format, answer.Token)
	}
	return answer.Token, nil
}

// confirm makes sure that a peer calls the token active.
func confirm(ctx context.Context, host string, request []byte) error {
	body, err := fetch(ctx, host, request)
	if err != nil {
		return err
	}
	if !strings.Contains(strings.ReplaceAll(string(body), " ", ""), `"active":true`) {
		return fmt.Errorf("the answer is %s", body)
	}
	return nil
}

// limit is the form limit server whose answers are as long as grantd's.
func (w *ware) limit() string {
	switch w.Format {
	case "EdDSA":
		return limitFormEdDSA
	case "RS256":
		return limitFormRSA
	case opaqueFormat:
		return limitFormOpaque
	}
	return limitForm
}

// same is the request to grantd that is equal work, and what it is called.
func (w *ware) same(f field) (string, []byte) {
	who, name := f.tenants.jwt, oursES256
	switch w.Format {
	case "EdDSA":
		who, name = f.tenants.edDSA, oursEdDSA
	case "RS256":
		who, name = f.tenants.rsa, oursRS256
	case opaqueFormat:
		who, name = f.tenants.opaque, oursOpaque
	}
	if w.Authentication == byBasic {
		return basic(name), basicRequest(f.grantd.address, who)
	}
	return name, postRequest(f.grantd.address, who)
}

// sameIntrospection asks grantd about one token of the kind.
func (w *ware) sameIntrospection(f field) (string, []byte) {
	c := call{
		Path: introspectionPath, Authentication: w.Introspection.Authentication,
		ClientID: f.tenants.reader.ID, ClientSecret: f.tenants.reader.Secret, Body: "token={token}",
	}
	name, token := "grantd introspection, one JWT", f.jwts[0]
	if w.Format == opaqueFormat {
		name, token = "grantd introspection, one opaque token", f.opaques[0]
	}
	if c.Authentication == byBasic {
		name = basic(name)
	}
	// The body is ours and can be read.
	request, _ := c.request(f.grantd.address, token)
	return name, request
}
