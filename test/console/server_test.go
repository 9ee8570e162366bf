package console

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"
)

// TestTheServerIsLookedAfter is what an operator does with the server itself.
func TestTheServerIsLookedAfter(t *testing.T) {
	b := open(t)
	b.bootstrap()
	b.server.CreateAPI(t, "--audience", api, "--scope", "/accounts.read")
	key := b.server.CreateKey(t, "--name", "worker", "--scope", "/accounts.read")
	token := b.server.Token(t, key, nil).AccessToken
	parts := strings.Split(token, ".")

	inspect := func(want string) {
		t.Helper()
		b.visit("/console/inspect")
		b.run(fill("[name=token]", token))
		b.press("form.card > button")
		b.sees(want)
		b.says("client_id", `"`+key.ID+`"`)
		b.says("typ", `"at+jwt"`)
		if html := b.source(); strings.Contains(html, parts[1]) || strings.Contains(html, parts[2]) {
			t.Error("the page has the token")
		}
	}
	inspect("It is accepted now.")
	b.visit("/console/explain?key=" + key.ID + "&method=GET&path=/accounts")
	b.sees("has no routes registered")
	b.run(fill("form[method=post] [name=token]", token), fill("form[method=post] [name=method]", "get"), fill("form[method=post] [name=path]", "/accounts"))
	b.press("form.card[method=post] > button")
	b.sees("The token is active until")
	b.sees("has no routes registered")

	b.visit("/console/signing-keys")
	kid := b.text("tbody code")
	b.run(click(".danger summary"), fill(".danger [name=typed]", "another"))
	b.press(".danger button")
	b.sees("What you typed is not the id of this key.")
	b.run(chromedp.SetValue(chromedp.CSS(".danger [name=typed]"), kid))
	b.press(".danger button")
	b.sees("signs from now on")
	b.visit("/console/inspect")
	b.run(fill("[name=token]", token))
	b.press("form.card > button")
	b.sees("It is no token of this server")
	token = b.server.Token(t, key, nil).AccessToken
	parts = strings.Split(token, ".")
	inspect("It is accepted now.")

	b.visit("/console/nodes")
	b.sees("made this page")
	b.visit("/console/keys/" + key.ID) // which has this node write down what it counted
	b.visit("/console/")
	b.sees("tokens 2")
}

// TestAPasswordTakesThePlaceOfAPasskey goes from the one way to sign in to the other.
func TestAPasswordTakesThePlaceOfAPasskey(t *testing.T) {
	b := open(t)
	b.bootstrap()
	const password = "correct horse battery"
	b.visit("/console/account")
	b.sees("It is the only way in which you sign in")
	b.visit("/console/account/password")
	secret := b.text("form code")
	b.run(fill("[name=password]", password), fill("[name=code]", code(t, secret)))
	b.server.Hide(password, secret)
	b.press("form.card > button")
	b.sees("The password and the codes are set")
	b.press("form[action*=credentials] [aria-label^='Remove Passkey']")
	b.sees("It is removed, and you are signed out everywhere else.")
	b.sees("It is the only way in which you sign in")
	b.press("header form[action$=sign-out] button")
	// A code is good once, and that of this moment may have been used before.
	b.run(fill("[name=name]", "ada"), fill("[name=password]", password), fill("[name=code]", code(t, secret)))
	b.press("form.card > button")
	b.sees("Dashboard")
	b.visit("/console/account")
	b.press("#sessions form button")
	b.sees("Sign in to grantd")
}

func code(t *testing.T, secret string) string {
	t.Helper()
	if !regexp.MustCompile(`^[A-Z2-7]+$`).MatchString(secret) {
		t.Fatalf("%q is no secret", secret)
	}
	now, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return now
}
