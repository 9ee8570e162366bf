package token

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

// A load balancer sends the retry to another node.
func TestARetryOnAnotherNodeGetsTheSameAnswer(t *testing.T) {
	k := newKit(t)
	for _, scope := range []string{"/opaque", "/jwt"} {
		t.Run(scope, func(t *testing.T) {
			token := k.grant(t, ownerKey, scope).RefreshToken
			other := k.node(t)
			_, first := k.refresh(t, ownerKey, token, "")
			other.advance(8 * time.Second)
			status, again := other.refresh(t, ownerKey, token, "")
			if status != http.StatusOK || again != first {
				t.Errorf("got %d %s\nafter %s", status, again, first)
			}
		})
	}
}

func TestManyNodesUseOneRefreshToken(t *testing.T) {
	nodes := []*kit{newKit(t)}
	for range 3 {
		nodes = append(nodes, nodes[0].node(t))
	}
	token := nodes[0].grant(t, ownerKey, "/opaque").RefreshToken
	bodies := make([]string, 200)
	var running sync.WaitGroup
	for n := range bodies {
		running.Go(func() { _, bodies[n] = nodes[n%len(nodes)].refresh(t, ownerKey, token, "") })
	}
	running.Wait()
	slices.Sort(bodies)
	if bodies = slices.Compact(bodies); len(bodies) != 1 {
		t.Errorf("got %d answers: %q", len(bodies), bodies)
	}
	readTokens(t, http.StatusOK, bodies[0])
}

// Whatever happens on other nodes, one of two copies of a token does not go on.
func TestARefreshTokenThatWasReusedElsewhereIsDeadHereAtOnce(t *testing.T) {
	k := newKit(t)
	other := k.node(t)
	first := k.grant(t, ownerKey, "/opaque")
	_, body := k.refresh(t, ownerKey, first.RefreshToken, "")
	second := readTokens(t, http.StatusOK, body)
	other.advance(time.Minute)
	status, body := other.refresh(t, ownerKey, first.RefreshToken, "")
	if status != http.StatusBadRequest {
		t.Fatalf("got %d %s", status, body)
	}
	if other.active(t, ownerKey, second.AccessToken) {
		t.Error("where it was noticed, an access token lives on")
	}
	// This node has not read the feed yet.
	if !k.active(t, ownerKey, second.AccessToken) {
		t.Fatal("the feed was read")
	}
	status, body = k.refresh(t, ownerKey, second.RefreshToken, "")
	if status != http.StatusBadRequest || !strings.Contains(body, string(oauth.InvalidGrant)) {
		t.Errorf("got %d %s", status, body)
	}
	if k.active(t, ownerKey, second.AccessToken) {
		t.Error("after the store said that the family is revoked, its access token lives on")
	}
}

func TestWhatWasWithdrawnFromAKeyIsGoneFromItsRefreshTokens(t *testing.T) {
	k := newKit(t)
	token := k.grant(t, ownerKey, "/opaque+/opaque.more").RefreshToken
	client, err := k.store.Client(t.Context(), ownerKey)
	if err != nil {
		t.Fatal(err)
	}
	client.Scopes = []string{"/opaque"}
	k.write(t, store.DeleteClient{ID: ownerKey}, store.CreateClient{Client: client})
	k.sync(t)
	for _, more := range []string{"", "&scope=/opaque.more"} {
		status, body := k.refresh(t, ownerKey, token, more)
		if status != http.StatusBadRequest || !strings.Contains(body, "/opaque.more is not granted") {
			t.Errorf("%q: got %d %s", more, status, body)
		}
	}
	status, body := k.refresh(t, ownerKey, token, "&scope=/opaque")
	if status != http.StatusOK {
		t.Errorf("got %d %s", status, body)
	}
}

// A refresh token may be of no use any more while an access token of it is.
func TestRevokingARefreshTokenThatIsOverEndsItsAccessTokens(t *testing.T) {
	for name, end := range map[string]func(k *kit, started time.Time){
		"it was not used in time": func(k *kit, _ time.Time) { k.advance(time.Minute) },
		"one of its APIs ended": func(k *kit, _ time.Time) {
			k.write(t, store.RevokeAPITokens{ID: opaqueAPI, Before: instant(k.now()).Add(time.Millisecond)})
		},
		// It was used after the instant, on a node that did not know of it yet.
		"the tokens of its key ended": func(k *kit, started time.Time) {
			k.write(t, store.RevokeClientTokens{ID: ownerKey, Before: started.Add(time.Millisecond)})
		},
		"all tokens ended": func(k *kit, started time.Time) {
			k.write(t, store.RevokeAllTokens{Before: started.Add(time.Millisecond)})
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			at := instant(k.now())
			h := refreshHandle{
				family: newFamily(), clientID: ownerKey, scopes: []string{"/opaque", "/jwt"},
				started: at, issued: at, expires: at.Add(time.Hour), idle: time.Minute,
			}
			token := k.ring.Sealer.SealHandle(keys.RefreshToken, h.encode())
			k.advance(time.Second)
			status, body := k.refresh(t, ownerKey, token, "&scope=/jwt")
			access := readTokens(t, status, body).AccessToken
			end(k, at)
			k.sync(t)
			if got := k.reader.Inspect(token); got.Active || !k.active(t, ownerKey, access) {
				t.Fatalf("got %+v", got)
			}
			rows := k.auditRows(t)
			for range 2 {
				status, body = k.post(t, "revoke", ownerKey, "token="+token)
				if status != http.StatusOK || k.active(t, ownerKey, access) {
					t.Errorf("got %d %s, and the access token lives on", status, body)
				}
			}
			if written := k.auditRows(t) - rows; written != 1 {
				t.Errorf("%d revocations were written", written)
			}
		})
	}
	t.Run("an access token of an API that ended is over", func(t *testing.T) {
		k := newKit(t)
		access := k.grant(t, ownerKey, "/opaque").AccessToken
		k.write(t, store.RevokeAPITokens{ID: opaqueAPI, Before: instant(k.now()).Add(time.Millisecond)})
		k.sync(t)
		rows := k.auditRows(t)
		status, body := k.post(t, "revoke", ownerKey, "token="+access)
		if status != http.StatusOK || k.auditRows(t) != rows {
			t.Errorf("got %d %s, and %d revocations were written", status, body, k.auditRows(t)-rows)
		}
	})
}

func TestATokenIsNoLongerThanWhatCanBeOpened(t *testing.T) {
	k := newKit(t)
	longest := keys.MaxPlain - growth
	token, err := k.endpoint.seal(keys.RefreshToken, make([]byte, longest), false)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := k.ring.Sealer.OpenHandle(keys.RefreshToken, token)
	if err != nil || len(plain) != longest {
		t.Errorf("got %d bytes, %v", len(plain), err)
	}
	_, err = k.endpoint.seal(keys.RefreshToken, make([]byte, longest+1), false)
	if err == nil || !strings.Contains(err.Error(), string(oauth.InvalidTarget)) {
		t.Errorf("got %v", err)
	}
	h := sampleRefresh()
	grown := h
	grown.generation = 1<<62 - 1
	if more := len(grown.encode()) - len(h.encode()); more > growth {
		t.Errorf("a refresh token can grow by %d bytes", more)
	}
}

// A token that no endpoint takes back could be neither introspected nor revoked.
func TestATokenForManyAPIsIsIssuedOnlyIfItCanBeRead(t *testing.T) {
	for _, format := range []store.TokenFormat{store.JWT, store.Opaque} {
		t.Run(string(format), func(t *testing.T) {
			k := newKit(t)
			const most = 60
			wide := store.Client{
				Mode: store.Live,
				ID:   "wide", Name: "wide", CreatedAt: k.now(), GrantTypes: []oauth.GrantType{oauth.ClientCredentials, oauth.RefreshToken},
				AuthMethods: []oauth.AuthMethod{oauth.ClientSecretBasic},
			}
			hash := k.pepper.Hash(wide.ID, secret)
			wide.Secrets = []store.Secret{{ID: "1", Name: "first", Hash: hash[:], CreatedAt: k.now()}}
			for n := range most {
				scope := fmt.Sprintf("/wide%d", n)
				wide.Scopes = append(wide.Scopes, scope)
				k.write(t, store.CreateAPI{API: store.API{
					Mode: store.Live,
					ID:   scope, Audience: fmt.Sprintf("https://%d.example/%s", n, strings.Repeat("x", 400)), Scopes: []string{scope},
					TokenFormat: format, Algorithm: keys.ES256, Type: "at+jwt", AccessTokenLifetime: time.Hour, RefreshTokenLifetime: time.Hour,
				}})
			}
			k.write(t, store.CreateClient{Client: wide})
			k.sync(t)
			issued, refused := 0, 0
			for n := 1; n <= most; n++ {
				status, body := k.post(t, "token", wide.ID, "grant_type=client_credentials&scope="+strings.Join(wide.Scopes[:n], "+"))
				if status == http.StatusBadRequest && strings.Contains(body, string(oauth.InvalidTarget)) {
					refused++
					continue
				}
				issued++
				tokens := readTokens(t, status, body)
				if !k.active(t, wide.ID, tokens.AccessToken) || !k.active(t, wide.ID, tokens.RefreshToken) {
					t.Fatalf("for %d APIs, a token of %d bytes was issued that cannot be read", n, len(tokens.AccessToken))
				}
			}
			if issued == 0 || refused == 0 {
				t.Errorf("%d were issued and %d refused", issued, refused)
			}
		})
	}
}

func TestTheEndpointsAreCounted(t *testing.T) {
	k := newKit(t)
	first := k.grant(t, ownerKey, "/opaque")
	_, body := k.refresh(t, ownerKey, first.RefreshToken, "")
	second := readTokens(t, http.StatusOK, body)
	k.refresh(t, ownerKey, first.RefreshToken, "")
	k.refresh(t, keeperKey, k.grant(t, keeperKey, "/opaque").RefreshToken, "")
	k.active(t, ownerKey, second.AccessToken)
	k.active(t, plainKey, second.AccessToken)
	k.active(t, plainKey, "nonsense")
	k.post(t, "revoke", plainKey, "token="+second.AccessToken)
	k.post(t, "revoke", ownerKey, "token="+second.AccessToken)
	k.post(t, "revoke", ownerKey, "token="+second.AccessToken)
	k.advance(time.Minute)
	k.refresh(t, ownerKey, first.RefreshToken, "")
	k.post(t, "revoke", ownerKey, "token="+k.grant(t, ownerKey, "/jwt").RefreshToken)

	want := map[string]float64{
		"grantd_introspections_total active=true": 1, "grantd_introspections_total active=false": 2,
		"grantd_refreshes_total outcome=renewed": 1, "grantd_refreshes_total outcome=repeated": 1,
		"grantd_refreshes_total outcome=kept": 1, "grantd_refreshes_total outcome=reused": 1,
		"grantd_revocations_total outcome=refused": 1, "grantd_revocations_total outcome=token": 1,
		"grantd_revocations_total outcome=nothing": 1, "grantd_revocations_total outcome=family": 1,
	}
	if diff := cmp.Diff(want, k.counted(t, "grantd_introspections_total", "grantd_refreshes_total", "grantd_revocations_total")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// counted returns the counters of these names that are not zero.
func (k *kit) counted(t testing.TB, names ...string) map[string]float64 {
	t.Helper()
	families, err := k.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	counted := map[string]float64{}
	for _, family := range families {
		if !slices.Contains(names, family.GetName()) {
			continue
		}
		for _, metric := range family.GetMetric() {
			name := family.GetName()
			for _, label := range metric.GetLabel() {
				name += " " + label.GetName() + "=" + label.GetValue()
			}
			if value := metric.GetCounter().GetValue(); value > 0 {
				counted[name] = value
			}
		}
	}
	return counted
}
