package hostile

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/grantd/grantd/test/blackbox"
)

func asking(k blackbox.Key, scope string) request {
	return request{body: grantForm + "&scope=" + url.QueryEscape(scope), key: k}
}

func wallets(account string) string { return "/accounts/" + account + "/wallets.read" }

// testAccount tries to reach an account by another name than its own, with a key
// that was granted every account and with one that was granted two.
func (f fixture) testAccount(t *testing.T) {
	f.try(t, []attempt{
		{"one account of all", asking(f.template, wallets("a1")), 200, ""},
		{"a value of 128 bytes", asking(f.template, wallets(strings.Repeat("a", 128))), 200, ""},
		{"one account of two", asking(f.pair, wallets("a2")), 200, ""},
		{"both accounts of two, with a repetition", asking(f.pair, wallets("a2")+" "+wallets("a1")+" "+wallets("a2")), 200, ""},
		{"a third account of two", asking(f.pair, wallets("a3")), 400, "invalid_scope"},
		{"a third account beside one of two", asking(f.pair, wallets("a1")+" "+wallets("a3")), 400, "invalid_scope"},
		{"an account in another case", asking(f.pair, wallets("A1")), 400, "invalid_scope"},
		{"an account with something after it", asking(f.pair, wallets("a1x")), 400, "invalid_scope"},
		{"half an account", asking(f.pair, wallets("a")), 400, "invalid_scope"},
		{"both accounts in one scope", asking(f.pair, wallets("a1|a2")), 400, "invalid_scope"},
		{"the grant itself", asking(f.pair, wallets("{accountID=a1|a2}")), 400, "invalid_scope"},
		{"a grant for one account", asking(f.template, wallets("{accountID=a1}")), 400, "invalid_scope"},
	})
	for _, account := range []string{
		"", ".", "..", "...%2f", "%2e%2e", "%00", "%61%31", "*", "+", "{}", "{accountID", "accountID}", "{otherID}",
		"a1/../a2", "../accounts/a1", "a1/", "/a1", "a1//", "./a1", "a1/.", "a1\\..\\a2", "a1;x=y", "a1?x", "a1#x", "a1,a2", "a1=a2", "a1&a2", "a1@a2", "a1:a2",
		strings.Repeat("a", 129), strings.Repeat("../", 300),
	} {
		t.Run("not an account: "+account[:min(len(account), 30)], func(t *testing.T) {
			checkError(t, f.send(t, asking(f.template, wallets(account))), 400, "invalid_scope")
		})
	}
	// Letters that look like others, that are drawn over others, that turn the text
	// around, that are not seen at all, and bytes that are no letters.
	for _, letter := range []string{
		"\u0430", "\u0391", "\uff41", "\u2024", "\u2215", "\u2044", "\u01c0", "\u0251", "\u0301", "\u202e", "\u200b", "\u200d", "\ufeff", "\u00ad", "\u00a0", "\u3000",
		"\U000e0061", "\U0001d5ba", "\x00", "\x01", "\x07", "\x08", "\x0b", "\x1b[2J", "\x7f", "\r\n", "\n", "\t", "\"", "\\",
	} {
		t.Run(fmt.Sprintf("a scope with %+q in it", letter), func(t *testing.T) {
			for _, scope := range []string{wallets("a" + letter + "1"), wallets(letter), letter + wallets("a1"), wallets("a1") + letter, "/accounts" + letter + "/a1/wallets.read"} {
				got := f.send(t, asking(f.template, scope))
				// NUL is refused before the scope is looked at.
				if code := "invalid_scope"; letter != "\x00" {
					checkError(t, got, 400, code)
					continue
				}
				checkError(t, got, 400, "invalid_request")
			}
		})
	}
	for _, list := range []string{" ", "  ", " " + wallets("a1"), wallets("a1") + " ", wallets("a1") + "  " + wallets("a2"), wallets("a1") + "," + wallets("a2")} {
		t.Run(fmt.Sprintf("a list like %.20q", list), func(t *testing.T) {
			checkError(t, f.send(t, asking(f.template, list)), 400, "invalid_scope")
		})
	}
}

// The most that a request may ask for.
const (
	mostScopes     = 100
	mostScopeBytes = 4 << 10
)

func (f fixture) testScopeSize(t *testing.T) {
	f.try(t, []attempt{
		{"100 scopes are read", asking(f.template, accounts(mostScopes)), 200, ""},
		{"101 scopes", asking(f.template, accounts(mostScopes+1)), 400, "invalid_scope"},
		{"4 KiB of scopes are read", asking(f.template, scopesOf(mostScopeBytes)), 200, ""},
		{"one byte over 4 KiB of scopes", asking(f.template, scopesOf(mostScopeBytes+1)), 400, "invalid_scope"},
		{"one scope of 4 KiB", asking(f.template, "/"+strings.Repeat("a", mostScopeBytes-1)), 400, "invalid_scope"},
		{"4 KiB of slashes", asking(f.template, strings.Repeat("/", mostScopeBytes)), 400, "invalid_scope"},
		{"100 times the same scope", asking(f.template, strings.TrimSpace(strings.Repeat(wallets("a1")+" ", mostScopes))), 200, ""},
		{"100 scopes that are not granted", asking(f.pair, accounts(mostScopes)), 400, "invalid_scope"},
		{"2 000 short scopes", asking(f.template, strings.TrimSpace(strings.Repeat("/a ", 2_000))), 400, "invalid_scope"},
	})
}

// accounts asks for as many accounts.
func accounts(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = wallets(fmt.Sprintf("n%d", i))
	}
	return strings.Join(all, " ")
}

// scopesOf are scopes that take exactly so many bytes.
func scopesOf(size int) string {
	var b strings.Builder
	frame := len(wallets(""))
	for i := 0; ; i++ {
		left := size - b.Len() - frame
		if left <= 128 {
			b.WriteString(wallets(strings.Repeat("z", left)))
			return b.String()
		}
		// What is left must have room for another scope.
		b.WriteString(wallets(fmt.Sprintf("%060d", i)) + " ")
	}
}
