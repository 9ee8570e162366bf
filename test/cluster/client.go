package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// key is an API key, which is a client in RFC 6749.
type key struct {
	ID     string `json:"client_id"`
	Secret string `json:"client_secret"`
	Name   string `json:"name"`
}

// tokens is the answer of the token endpoint.
type tokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
}

// caller makes requests and notes them.
type caller struct {
	*recorder
	requests *atomic.Int64
}

// short stands for a token in a history: those who read it learn nothing.
func short(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:8])
}

// answer is what came back, and nothing when nothing did.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// try sends one request and fills in how it ended; the caller says what it was.
func (c *caller) try(e *event, client *http.Client, method, target, contentType, body string, k *key) answer {
	req, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		e.Outcome, e.Detail = silent, err.Error()
		return answer{}
	}
	req.Header.Set("Content-Type", contentType)
	if k != nil {
		req.SetBasicAuth(k.ID, k.Secret)
	}
	e.Begun = c.now()
	defer func() { e.Ended = c.now() }()
	resp, err := client.Do(req)
	if err != nil {
		e.Outcome, e.Detail = silent, err.Error()
		return answer{}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		e.Outcome, e.Detail = silent, err.Error()
		return answer{}
	}
	e.Status, e.Outcome = resp.StatusCode, acknowledged
	if resp.StatusCode >= 300 {
		e.Outcome, e.Detail = refused, string(text)
	}
	return answer{resp.StatusCode, resp.Header, text}
}

func (c *caller) post(e *event, n *node, path string, k *key, form url.Values) answer {
	e.Node = n.name
	return c.try(e, n.client, http.MethodPost, "http://"+n.address+path, "application/x-www-form-urlencoded", form.Encode(), k)
}

var clientCredentials = url.Values{"grant_type": {"client_credentials"}}

// token gets tokens from one of the nodes, in this order, as a load balancer would:
// it goes to the next one when it gets no answer. It gives up in the end.
func (c *caller) token(k *key, nodes ...*node) (tokens, bool) {
	request := strconv.FormatInt(c.requests.Add(1), 10)
	for giveUp := c.now() + 20*time.Second; c.now() < giveUp; {
		for _, n := range nodes {
			e := event{Op: opToken, What: request}
			a := c.post(&e, n, "/oauth2/token", k, clientCredentials)
			var t tokens
			if e.Outcome == acknowledged && (json.Unmarshal(a.body, &t) != nil || t.Access == "") {
				e.Outcome, e.Detail = refused, "an answer without a token"
			}
			c.add(e)
			if e.Outcome != silent {
				return t, e.Outcome == acknowledged
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	return tokens{}, false
}

// introspect asks one node about a token.
func (c *caller) introspect(n *node, k *key, token string) event {
	e := event{Op: opIntrospect, What: short(token)}
	a := c.post(&e, n, "/oauth2/introspect", k, url.Values{"token": {token}})
	var state struct {
		Active *bool `json:"active"`
	}
	if e.Outcome == acknowledged {
		err := json.Unmarshal(a.body, &state)
		age, ageErr := strconv.ParseFloat(a.header.Get("Grantd-Data-Age"), 64)
		if err != nil || state.Active == nil || ageErr != nil {
			e.Outcome, e.Detail = refused, "no introspection response, or one that does not say how old it is"
		} else {
			e.Active, e.Age = *state.Active, time.Duration(age*float64(time.Second))
		}
	}
	c.add(e)
	return e
}

func (c *caller) revoke(n *node, k *key, token string) event {
	e := event{Op: opRevoke, What: short(token)}
	c.post(&e, n, "/oauth2/revoke", k, url.Values{"token": {token}})
	c.add(e)
	return e
}

func (c *caller) refresh(n *node, k *key, token string) (tokens, event) {
	e := event{Op: opRefresh, What: short(token)}
	a := c.post(&e, n, "/oauth2/token", k, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}})
	var t tokens
	if e.Outcome == acknowledged {
		err := json.Unmarshal(a.body, &t)
		if err != nil || t.Refresh == "" {
			e.Outcome, e.Detail = refused, "an answer without a refresh token"
		}
		e.Value = short(t.Refresh)
	}
	c.add(e)
	return t, e
}

// call makes a call of the admin API, over the socket of the node.
func (c *caller) call(e *event, n *node, method, path string, in any) answer {
	body, err := []byte(nil), error(nil)
	if in != nil {
		body, err = json.Marshal(in)
	}
	if err != nil {
		e.Outcome, e.Detail = silent, err.Error()
		return answer{}
	}
	e.Node = n.name
	return c.try(e, n.admin, method, "http://grantd/admin/v1"+path, "application/json", string(body), nil)
}

// create makes a key; what it may do is the same for all.
func (c *caller) create(n *node, name string) (key, bool) {
	e := event{Op: opCreate, What: name}
	a := c.call(&e, n, http.MethodPost, "/keys", map[string]any{
		"name": name, "scopes": []string{scope}, "grant_types": []string{"client_credentials", "refresh_token"},
	})
	var k key
	if e.Outcome == acknowledged {
		err := json.Unmarshal(a.body, &k)
		if err != nil || k.ID == "" {
			e.Outcome, e.Detail = refused, "an answer without a key"
		}
		e.Value = k.ID
	}
	c.add(e)
	return k, e.Outcome == acknowledged
}

// write sets a field of a key to what says the number.
func (c *caller) write(n *node, r register, number int) event {
	e := event{Op: opUpdate, What: r.what(), Number: number}
	c.call(&e, n, http.MethodPatch, "/keys/"+r.key.ID, map[string]any{r.field: r.encode(number)})
	c.add(e)
	return e
}

// shown is what the admin API tells about a key.
type shown struct {
	ID       string `json:"client_id"`
	Name     string `json:"name"`
	Lifetime int    `json:"access_token_lifetime"`
	Rate     int    `json:"requests_per_second"`
}

// read reads a register from a node.
func (c *caller) read(n *node, r register) {
	e := event{Op: opRead, What: r.what()}
	a := c.call(&e, n, http.MethodGet, "/keys/"+r.key.ID, nil)
	var k shown
	if e.Outcome != acknowledged || json.Unmarshal(a.body, &k) != nil {
		return // the database is away: nothing was read
	}
	e.Number = r.decode(k)
	c.add(e)
}

// keys reads all keys from a node.
func (c *caller) keys(n *node) (map[string]shown, error) {
	all := map[string]shown{}
	for after := ""; ; {
		e := event{}
		a := c.call(&e, n, http.MethodGet, "/keys?limit=1000&after="+url.QueryEscape(after), nil)
		var page struct {
			Items []shown `json:"items"`
			Next  string  `json:"next"`
		}
		if e.Outcome != acknowledged {
			return nil, fmt.Errorf("read the keys from %s: %s", n.name, e.Detail)
		}
		err := json.Unmarshal(a.body, &page)
		if err != nil {
			return nil, fmt.Errorf("read the keys from %s: %w", n.name, err)
		}
		for _, k := range page.Items {
			all[k.ID] = k
		}
		if page.Next == "" {
			return all, nil
		}
		after = page.Next
	}
}
