package console

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

// keyReader turns what was typed into a key, and notes what is wrong beside each field.
type keyReader struct {
	typed url.Values
	wrong map[string]string
	// from says for each of the scopes which field it comes from.
	from []string
}

// key is what the form asks for. What it says must not be done while something is wrong.
func (r *keyReader) key() admin.NewKey {
	t := r.typed
	key := admin.NewKey{
		Name: t.Get("name"), Owner: t.Get("owner"), Mode: store.Mode(t.Get("mode")), Scopes: r.scopes(),
		GrantTypes: []oauth.GrantType{oauth.ClientCredentials},
		Origins:    strings.Fields(t.Get("origins")), Networks: strings.Fields(t.Get("networks")),
		AccessTokenLifetime: r.seconds("access_token_lifetime"), RefreshRotation: admin.RefreshRotation(t.Get("refresh_rotation")),
		RequestsPerSecond: r.number("requests_per_second"), Burst: r.number("burst"),
		TokensPerHour: r.number("tokens_per_hour"), TokensPerDay: r.number("tokens_per_day"),
		Claims: []byte(strings.TrimSpace(t.Get("claims"))), ValidFrom: r.instant("valid_from"), ValidUntil: r.instant("valid_until"),
		SecretExpiresIn: r.seconds("secret_expires_in"),
	}
	if t.Get("grant_types") != "" {
		key.GrantTypes = append(key.GrantTypes, oauth.RefreshToken)
	}
	r.authentication(&key)
	return key
}

func (r *keyReader) authentication(key *admin.NewKey) {
	method := oauth.AuthMethod(r.typed.Get("auth_methods"))
	switch method {
	case "", bothSecrets:
		key.AuthMethods = []oauth.AuthMethod{oauth.ClientSecretBasic, oauth.ClientSecretPost}
		return
	case oauth.PrivateKeyJWT:
	default:
		key.AuthMethods = []oauth.AuthMethod{method}
		return
	}
	key.AuthMethods, key.SecretExpiresIn = []oauth.AuthMethod{method}, 0
	key.AssertionAlgorithms, key.AssertionAudience = r.typed["assertion_algorithms"], store.AssertionAudience(r.typed.Get("assertion_audience"))
	if strings.TrimSpace(r.typed.Get("jwks")) == "" {
		r.wrong["jwks"] = "Paste the public key of the program, in PEM or as a JWK set."
		return
	}
	var err error
	key.JWKS, err = admin.ReadPublicKeys(r.typed.Get("jwks"))
	r.refuse(err)
}

// refuse notes a refusal beside the field that it is about, and says whether it was one.
func (r *keyReader) refuse(err error) bool {
	p := refusal(err)
	if p == nil {
		return false
	}
	r.wrong[r.field(p)] = sentence(p.Detail + "; " + p.Hint)
	return true
}

// field is the field that a refusal is about.
func (r *keyReader) field(p *web.Problem) string {
	name, rest, _ := strings.Cut(strings.Replace(p.Field, ".", "[", 1), "[")
	index, _, _ := strings.Cut(rest, "]")
	i, err := strconv.Atoi(index)
	if name != "scopes" || err != nil || i >= len(r.from) {
		return name
	}
	return valueField(r.from[i], p.Detail)
}

func (r *keyReader) number(name string) int {
	text := strings.TrimSpace(r.typed.Get(name))
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		r.wrong[name] = "Write a whole number, or leave it empty for no limit."
	}
	return n
}

func (r *keyReader) seconds(name string) admin.Seconds {
	n, err := parseLasting(r.typed.Get(name))
	if err != nil {
		r.wrong[name] = "Write how long, such as 15m, 12h or 90d, or leave it empty."
	}
	return n
}

// instant reads a time in UTC, as browsers send it, or with its offset.
func (r *keyReader) instant(name string) *time.Time {
	text := strings.TrimSpace(r.typed.Get(name))
	if text == "" {
		return nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		at, err := time.Parse(layout, text)
		if err == nil {
			return &at
		}
	}
	r.wrong[name] = "Write a time in UTC such as 2027-01-31T18:00, or leave it empty."
	return nil
}
