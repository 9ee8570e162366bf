package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
)

// hear shows a verifier that accepts good tokens all the others.
func (v *hearing) hear(ctx context.Context) {
	if v.flaws[v.algorithm] != nil {
		return
	}
	v.flaws["tampered"] = v.hearTampered()
	v.flaws["audience"] = v.hearAudience()
	v.flaws["issuer"] = v.refuses("a token of another issuer", v.issuer.foreign[v.topic])
	v.flaws["expired"] = v.hearExpired(ctx)
	// Whoever refuses everything by now would look good so far.
	v.flaws[v.algorithm] = v.accepts("a good token after the others", v.issuer.speaker)
}

func (v *hearing) hearTampered() error {
	token, err := v.issuer.mint(v.issuer.speaker, v.topic.scope())
	if err != nil {
		return err
	}
	variants, err := tamper(token)
	if err != nil {
		return err
	}
	for _, t := range variants {
		err = errors.Join(err, v.refuses(t[0], t[1]))
	}
	return err
}

// tamper returns variants of a token that nobody may accept, and what they are.
func tamper(token string) ([][2]string, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, fmt.Errorf("got a token of %d parts, want 3", len(parts))
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, err
	}
	encode := base64.RawURLEncoding.EncodeToString
	changed := encode([]byte(strings.Replace(string(payload), `"scope":"/`, `"scope":"/x`, 1)))
	// The first character of a signature holds no padding, so that it counts.
	first := "A"
	if parts[2][:1] == first {
		first = "B"
	}
	return [][2]string{
		{"a token with a changed claim", parts[0] + "." + changed + "." + parts[2]},
		{"a token with a changed signature", parts[0] + "." + parts[1] + "." + first + parts[2][1:]},
		{"a token without a signature", encode([]byte(`{"alg":"none","typ":"at+jwt"}`)) + "." + parts[1] + "."},
	}, nil
}

func (v *hearing) hearAudience() error {
	other := v.topic
	other.other = true
	token, err := v.issuer.mint(v.issuer.speaker, other.scope())
	if err != nil {
		return err
	}
	return v.refuses("a token for another audience", token)
}

// hearExpired shows one token twice, in its life of two seconds and after it.
func (v *hearing) hearExpired(ctx context.Context) error {
	var token string
	for attempt := 1; ; attempt++ {
		var err error
		token, err = v.issuer.mint(v.issuer.brief, v.topic.scope())
		if err != nil {
			return err
		}
		began := time.Now()
		err = v.acceptsToken("a token that lives two seconds", token, v.issuer.brief)
		if err == nil {
			break
		}
		// A slow machine may have shown it too late.
		if time.Since(began) < time.Second/2 || attempt == 3 {
			return err
		}
	}
	at, err := issuedAt(token)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Until(at.Add(3*time.Second + 100*time.Millisecond))):
	}
	return v.refuses("the same token a second after its end", token)
}
