package clientauth

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/grantd/grantd/internal/policy"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

const issuer = "https://auth.example.com"

// signer makes a key with a public key, and what signs for it.
func signer(t testing.TB, id string) (store.Client, func(claims map[string]any) string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := json.Marshal(jose.JSONWebKey{Key: private.Public()})
	if err != nil {
		t.Fatal(err)
	}
	client := key(id)
	client.AuthMethods = []oauth.AuthMethod{oauth.PrivateKeyJWT}
	client.Assertions = store.Assertions{JWKS: string(public)}
	return client, func(more map[string]any) string {
		claims := map[string]any{"iss": id, "sub": id, "aud": issuer, "jti": rand.Text(), "exp": noon.Add(time.Minute).Unix()}
		for name, value := range more {
			claims[name] = value
		}
		payload, err := json.Marshal(claims)
		if err != nil {
			t.Fatal(err)
		}
		s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: private}, nil)
		if err != nil {
			t.Fatal(err)
		}
		jws, err := s.Sign(payload)
		if err != nil {
			t.Fatal(err)
		}
		text, err := jws.CompactSerialize()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
}

// asserting is a request with an assertion, and other parameters after it.
func asserting(text string, more ...string) *web.Request {
	r := attempt("", "", "")
	r.Params = web.Params{{Name: "client_assertion_type", Value: oauth.JWTBearerAssertion}, {Name: "client_assertion", Value: text}}
	for i := 0; i < len(more); i += 2 {
		r.Params = append(r.Params, web.Param{Name: more[i], Value: more[i+1]})
	}
	return r
}

const notAsserted = "invalid_client: client authentication failed; check that the assertion is signed with a key that is registered for its client, " +
	"has the client id as iss and sub, this server's issuer as aud, an exp at most 5 minutes away, and a jti that was not used before"

func TestAssertions(t *testing.T) {
	signs, sign := signer(t, "signs")
	other, signOther := signer(t, "other")
	disabled, signDisabled := signer(t, "disabled")
	disabled.Disabled = true
	broken, signBroken := signer(t, "broken")
	broken.Assertions.JWKS = `{"keys":"none"}`
	o := newOffice(t, signs, other, disabled, broken, key("secret", own("secret", "one")))
	_, stranger := signer(t, "signs")
	_, nobody := signer(t, "nobody")
	used := sign(nil)
	for _, tt := range []struct {
		name string
		r    *web.Request
		want string
		// clientID, claimed and cause are what the record says; cause is a part of it.
		clientID, claimed, cause string
	}{
		{"RFC 7523 §2.2: an assertion", asserting(used), "", "signs", "", ""},
		{"RFC 7523 §3: an assertion whose jti was used", asserting(used), notAsserted, "", "signs", "used before"},
		{"the same jti in another assertion", asserting(sign(map[string]any{"jti": "j"})), "", "signs", "", ""},
		{"once more with another exp", asserting(sign(map[string]any{"jti": "j", "exp": noon.Add(4 * time.Minute).Unix()})), notAsserted, "", "signs", "used before"},
		{"the jti of another key", asserting(signOther(map[string]any{"jti": "j"})), "", "other", "", ""},
		{"RFC 7523 §3: the signature of another key", asserting(stranger(nil)), notAsserted, "", "signs", "not signed with a key"},
		{"a key signs for another", asserting(signOther(map[string]any{"iss": "signs", "sub": "signs"})), notAsserted, "", "signs", "not signed with a key"},
		{"an unknown client", asserting(nobody(nil)), notAsserted, "", "unknown", "not signed with a key"},
		{"a client with a secret", asserting(nobody(map[string]any{"iss": "secret", "sub": "secret"})), notAsserted, "", "secret", "not signed with a key"},
		{"a client whose keys cannot be read", asserting(signBroken(nil)), notAsserted, "", "broken", "not signed with a key"},
		{"RFC 7523 §3.2: one that has expired is invalid_client", asserting(sign(map[string]any{"exp": noon.Add(-2 * time.Minute).Unix()})), notAsserted, "", "signs", "exp has passed"},
		{"another audience", asserting(sign(map[string]any{"aud": "https://elsewhere.example"})), notAsserted, "", "signs", "aud is not"},
		{"garbage", asserting("x"), notAsserted, "", "unknown", "no JWT"},
		{"a disabled key", asserting(signDisabled(nil)), isDisabled, "disabled", "", ""},
		{"RFC 7521 §4.2: the same client_id beside it", asserting(sign(nil), "client_id", "signs"), "", "signs", "", ""},
		{"another client_id beside it", asserting(sign(nil), "client_id", "other"), "invalid_request: client_id differs from the sub of client_assertion; send one of them, or the same", "", "", ""},
		{"another type", &web.Request{Params: web.Params{{Name: "client_assertion", Value: sign(nil)}, {Name: "client_assertion_type", Value: strings.ToUpper(oauth.JWTBearerAssertion)}}}, "invalid_request: client_assertion_type is not " + oauth.JWTBearerAssertion + "; send it with this value", "", "", ""},
		{"no type", &web.Request{Params: web.Params{{Name: "client_assertion", Value: sign(nil)}}}, "invalid_request: client_assertion_type is not " + oauth.JWTBearerAssertion + "; send it with this value", "", "", ""},
		{"a type without an assertion", &web.Request{Params: web.Params{{Name: "client_assertion_type", Value: oauth.JWTBearerAssertion}}}, "invalid_request: client_assertion is missing; send the JWT in it", "", "", ""},
		{"a secret beside it", asserting(sign(nil), "client_secret", "s"), "invalid_request: client_assertion was sent together with Authorization or client_secret; send one of them", "", "", ""},
		{"its secret in place of the assertion", attempt("", "signs", "one"), failed, "", "signs", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.r.Record == nil {
				tt.r.Record = &web.Record{}
			}
			tt.r.At = o.now
			client, err := o.Authenticate(t.Context(), tt.r)
			refusal, _ := errors.AsType[*web.Error](err)
			got, cause := "", ""
			if refusal != nil {
				got, cause = string(refusal.Public.Code)+": "+refusal.Public.Description, fmt.Sprint(refusal.Cause)
			}
			if got != tt.want || (client != nil) != (tt.want == "") {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if tt.r.Record.ClientID != tt.clientID || tt.r.Record.Claimed != tt.claimed || !strings.Contains(cause, tt.cause) {
				t.Errorf("the record says %q, %q and %q", tt.r.Record.ClientID, tt.r.Record.Claimed, cause)
			}
		})
	}
	t.Run("RFC 7521 §4.2: Basic beside it", func(t *testing.T) {
		r := asserting(sign(nil))
		r.Authorization = basic("signs:one")
		want := "invalid_request: client_assertion was sent together with Authorization or client_secret; send one of them"
		if got := o.says(r); got != want {
			t.Errorf("got %q", got)
		}
	})
}

func TestAnAssertionIsTakenOnceOfManyAtTheSameTime(t *testing.T) {
	signs, sign := signer(t, "signs")
	o := newOffice(t, signs)
	text := sign(nil)
	const calls = 200
	taken := make([]bool, calls)
	var all sync.WaitGroup
	for i := range calls {
		all.Go(func() {
			client, err := o.Authenticate(t.Context(), asserting(text))
			taken[i] = client != nil && err == nil
		})
	}
	all.Wait()
	count := 0
	for _, one := range taken {
		if one {
			count++
		}
	}
	if count != 1 {
		t.Errorf("%d of %d were let in", count, calls)
	}
}

func TestSeveralKeysOfAClientAreValidAtOnce(t *testing.T) {
	signs, first := signer(t, "signs")
	second, next := signer(t, "signs")
	o := newOffice(t, signs)
	signs.Assertions.JWKS = `{"keys":[` + signs.Assertions.JWKS + `,` + second.Assertions.JWKS + `]}`
	o.change(store.UpdateClient{Client: signs})
	for _, sign := range []func(map[string]any) string{first, next} {
		if got := o.says(asserting(sign(nil))); got != "" {
			t.Errorf("with both: %s", got)
		}
	}
	signs.Assertions = second.Assertions
	o.change(store.UpdateClient{Client: signs})
	if got := o.says(asserting(first(nil))); got != notAsserted {
		t.Errorf("a key that was taken away: %q", got)
	}
	if got := o.says(asserting(next(nil))); got != "" {
		t.Errorf("the key that stays: %s", got)
	}
}

// answering is a replay store that answers one thing.
type answering struct{ err error }

func (a answering) Use(context.Context, store.OneTime) error { return a.err }

func TestWithoutTheReplayStoreNoAssertionIsTaken(t *testing.T) {
	signs, sign := signer(t, "signs")
	o := newOffice(t, signs, key("secret", own("secret", "one")))
	for _, tt := range []struct {
		name string
		err  error
		wait time.Duration
	}{
		{"the store is away", store.ErrUnavailable, time.Second},
		{"its answer was lost", store.ErrUnknown, time.Second},
		{"it has crashed", fmt.Errorf("use: %w", &store.ForgottenError{Until: noon.Add(30 * time.Second)}), 90 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o.Assertions.Replay = answering{tt.err}
			_, err := o.Authenticate(t.Context(), asserting(sign(nil)))
			refusal, ok := errors.AsType[*web.Error](err)
			if !ok || refusal.Public.Code != oauth.TemporarilyUnavailable || refusal.RetryAfter != tt.wait {
				t.Errorf("got %+v, want temporarily_unavailable and %v", refusal, tt.wait)
			}
			if got := o.ask("secret", "one"); got != "" {
				t.Errorf("a secret: %s", got)
			}
		})
	}
}

func TestWrongAssertionsHaveABudget(t *testing.T) {
	signs, sign := signer(t, "signs")
	_, stranger := signer(t, "signs")
	o := newOffice(t, signs)
	o.Failures = &policy.Failures{}
	limited := false
	for range 30 {
		_, err := o.Authenticate(t.Context(), asserting(stranger(nil)))
		refusal, _ := errors.AsType[*web.Error](err)
		limited = limited || refusal != nil && refusal.Status == http.StatusTooManyRequests
	}
	if !limited {
		t.Error("wrong assertions have no end")
	}
	if got := o.says(asserting(sign(nil))); got != "" {
		t.Errorf("a good assertion after them: %s", got)
	}
}
