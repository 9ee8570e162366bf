package admin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/web"
)

const (
	callTimeout   = 30 * time.Second
	maxAnswerSize = 64 << 20
)

// Client makes the calls of package admin to the server of a data directory.
// Its errors are for the operator and carry the server's hint.
type Client struct {
	http http.Client
}

// NewClient returns a client for the server that runs on the data directory.
func NewClient(dataDir string) *Client {
	return &Client{http: http.Client{
		Timeout: callTimeout,
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				conn, err := dial(ctx, dataDir)
				if err != nil {
					return nil, unreached{err}
				}
				return conn, nil
			},
			// One command makes a few calls; nothing is gained by idle connections.
			DisableKeepAlives: true,
		},
	}}
}

// segment writes any text as one segment of a path; . and .. would be taken for
// directories.
func segment(s string) string {
	if s == "." || s == ".." {
		return strings.ReplaceAll(s, ".", "%2E")
	}
	return url.PathEscape(s)
}

// exchange makes one call. Without in there is no body.
func exchange[Out any](ctx context.Context, c *Client, method, path string, in any) (Out, error) {
	var out Out
	var body []byte
	if in != nil {
		encoded, err := json.Marshal(in)
		if err != nil {
			return out, fmt.Errorf("encode the request: %w", err)
		}
		body = encoded
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://grantd/admin/v1/"+path, bytes.NewReader(body))
	if err != nil {
		return out, fmt.Errorf("make the request: %w", err)
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	response, err := c.http.Do(r)
	if err != nil {
		return out, unanswered(method, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerSize))
	if err != nil {
		return out, unanswered(method, err)
	}
	if response.StatusCode >= http.StatusBadRequest {
		return out, refusal(response.StatusCode, answer)
	}
	if response.StatusCode == http.StatusNoContent {
		return out, nil
	}
	err = json.Unmarshal(answer, &out)
	if err != nil {
		return out, fmt.Errorf("read the server's answer: %w", err)
	}
	return out, nil
}

// unreached is why there is no connection, so that nothing was asked.
type unreached struct{ error }

func (u unreached) Unwrap() error { return u.error }

// unanswered says why there is no answer. What the transport says of it is of no
// use to the reader; that a change may have been made all the same is.
func unanswered(method string, err error) error {
	never, ok := errors.AsType[unreached](err)
	if ok {
		return never.error
	}
	what := "the server ended the connection without a whole answer"
	timeout, ok := errors.AsType[net.Error](err)
	if ok && timeout.Timeout() {
		what = "the server did not answer in time"
	}
	if method == http.MethodGet {
		return fault.Hint(errors.New(what), "look at the server's log")
	}
	return fault.Hint(errors.New(what+"; what you asked for may be done or not"), lookFirst)
}

// refusal is the server's problem as an error with its hint.
func refusal(status int, answer []byte) error {
	problem := &web.Problem{}
	err := json.Unmarshal(answer, problem)
	if err != nil || problem.Error() == "" {
		return fmt.Errorf("the server answered %d %s", status, http.StatusText(status))
	}
	if problem.Hint == "" {
		return problem
	}
	return fault.Hint(problem, "%s", problem.Hint)
}
