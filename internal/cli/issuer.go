package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/oauth"
)

// maxAnswer is the most that is read of one answer.
const maxAnswer = 1 << 20

// issuer is an authorization server as anybody sees it from outside.
type issuer struct {
	url  string
	http *http.Client
}

// newIssuer checks the URL before anything is sent to it.
func newIssuer(address string, timeout time.Duration) (*issuer, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, fault.Hint(fmt.Errorf("the issuer %q is not a URL", address), "write it like https://auth.example.com, exactly as the server has it")
	}
	// RFC 8414 §2: the issuer has no query and no fragment.
	if strings.ContainsAny(address, "?#") || u.User != nil {
		return nil, fault.Hint(errors.New("the issuer has a query, a fragment or a user name"), "write it like https://auth.example.com, exactly as the server has it")
	}
	// RFC 6749 §2.3.1: secrets travel under TLS; a loopback address is no network.
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		return nil, fault.Hint(fmt.Errorf("the issuer %s is http and not on this machine; anybody on the way could read and change what is sent", address),
			"use its https URL")
	}
	return &issuer{url: address, http: &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			ForceAttemptHTTP2:     true,
			DisableKeepAlives:     true,
			TLSHandshakeTimeout:   timeout,
			ResponseHeaderTimeout: timeout,
		},
		// A redirect would take the secret, or the trust in the keys, elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// metadata discovers the server's endpoints.
func (i *issuer) metadata(ctx context.Context) (oauth.Metadata, error) {
	var m oauth.Metadata
	where := wellKnown(i.url)
	body, err := i.get(ctx, where)
	if err != nil {
		return m, err
	}
	err = json.Unmarshal(body, &m)
	if err != nil {
		return m, fault.Hint(fmt.Errorf("the metadata at %s is not what RFC 8414 describes", where), "check that the issuer is an authorization server")
	}
	// RFC 8414 §3.3: the issuer in the document is the one that was asked for,
	// character by character.
	if m.Issuer != i.url {
		return m, fault.Hint(fmt.Errorf("the server at %s calls itself %s", i.url, m.Issuer), "use --issuer %s if that is the one you mean", shellQuote(m.Issuer))
	}
	return m, nil
}

// wellKnown returns the URL of an issuer's metadata.
func wellKnown(issuer string) string {
	const suffix = "/.well-known/oauth-authorization-server"
	u, err := url.Parse(issuer)
	if err != nil {
		return issuer + suffix
	}
	// RFC 8414 §3.1: the well-known part goes between the host and the path, and
	// a slash at the end of the issuer is removed.
	return u.Scheme + "://" + u.Host + suffix + strings.TrimSuffix(u.EscapedPath(), "/")
}

// endpoint checks a URL of the metadata. A server reached by https does not
// send its clients to http.
func (i *issuer) endpoint(name, address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return fmt.Errorf("the metadata of %s has no usable %s", i.url, name)
	}
	if u.Scheme == "http" && strings.HasPrefix(i.url, "https:") {
		return fmt.Errorf("the metadata of %s names a %s without TLS", i.url, name)
	}
	return nil
}

// get fetches a public JSON document.
func (i *issuer) get(ctx context.Context, address string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	r.Header.Set("Accept", "application/json")
	status, body, err := i.send(r)
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fault.Hint(fmt.Errorf("%s answered %s", address, statusText(status)), "check that the issuer is right")
	}
	return body, nil
}

// send returns the answer's status and body.
func (i *issuer) send(r *http.Request) (int, []byte, error) {
	response, err := i.http.Do(r)
	if err != nil {
		return 0, nil, unreachable(r.URL.Host, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return 0, nil, unreachable(r.URL.Host, err)
	}
	if len(body) > maxAnswer {
		return 0, nil, fmt.Errorf("%s answered with more than 1 MiB", r.URL.Host)
	}
	if response.StatusCode >= 300 && response.StatusCode < 400 {
		err = fmt.Errorf("%s answered with a redirect, which is not followed", r.URL.Host)
		return 0, nil, fault.Hint(err, "use the address it redirects to as the issuer, if you trust it")
	}
	mediaType, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if response.StatusCode == http.StatusOK && (err != nil || !isJSON(mediaType)) {
		return 0, nil, fault.Hint(fmt.Errorf("%s did not answer with JSON", r.URL.Host), "check that the issuer is right")
	}
	return response.StatusCode, body, nil
}

// isJSON knows the media type that some servers give their key sets, too.
func isJSON(mediaType string) bool {
	return mediaType == "application/json" || mediaType == "application/jwk-set+json"
}

func statusText(status int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
}

// unreachable says why there was no answer.
func unreachable(host string, err error) error {
	failed, ok := errors.AsType[*url.Error](err)
	if ok {
		err = failed.Err
	}
	timeout, ok := errors.AsType[net.Error](err)
	if ok && timeout.Timeout() {
		return fault.Hint(fmt.Errorf("%s did not answer in time", host), "check that the server runs, or wait longer with --timeout")
	}
	refused, ok := errors.AsType[*net.OpError](err)
	if ok {
		err = refused.Err
	}
	return fault.Hint(fmt.Errorf("cannot reach %s: %w", host, err), "check that the issuer is right and that the server runs; a certificate of your own is trusted with SSL_CERT_FILE")
}
