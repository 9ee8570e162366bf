package config

import (
	"errors"
	"net/url"

	"github.com/grantd/grantd/internal/fault"
)

// checkConsoleURL accepts an origin. Passkeys are made for its host, and cookies are sent
// to it, so it is https unless it is this machine.
func checkConsoleURL(text string) error {
	if text == "" {
		return nil
	}
	const hint = "write it like https://grantd-admin.example.com, without a slash at its end; http only for localhost"
	u, err := url.Parse(text)
	if err != nil || u.Scheme+"://"+u.Host != text || u.Hostname() == "" || !isHost(u.Hostname()) {
		return fault.Hint(errors.New("console_url is not a URL of a scheme, a host and perhaps a port"), hint)
	}
	if u.Scheme != "https" && (u.Scheme != "http" || u.Hostname() != "localhost") {
		return fault.Hint(errors.New("console_url is neither https nor http://localhost"), hint)
	}
	return nil
}
