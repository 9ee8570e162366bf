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
	"strconv"
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
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx, dataDir) },
			// One command makes a few calls; nothing is gained by idle connections.
			DisableKeepAlives: true,
		},
	}}
}

// CreateAPI adds an API.
func (c *Client) CreateAPI(ctx context.Context, in NewAPI) (API, error) {
	return exchange[API](ctx, c, http.MethodPost, "apis", in)
}

// ShowAPI returns the API with this id or audience.
func (c *Client) ShowAPI(ctx context.Context, idOrAudience string) (API, error) {
	return exchange[API](ctx, c, http.MethodGet, "apis/"+segment(idOrAudience), nil)
}

// ListAPIs returns a part of the list of APIs.
func (c *Client) ListAPIs(ctx context.Context, r Range) (Page[API], error) {
	return exchange[Page[API]](ctx, c, http.MethodGet, "apis?"+r.query(), nil)
}

// CreateKey adds a key.
func (c *Client) CreateKey(ctx context.Context, in NewKey) (CreatedKey, error) {
	return exchange[CreatedKey](ctx, c, http.MethodPost, "keys", in)
}

// ShowKey returns the key with this client id.
func (c *Client) ShowKey(ctx context.Context, id string) (Key, error) {
	return exchange[Key](ctx, c, http.MethodGet, "keys/"+segment(id), nil)
}

// ListAudit returns a part of the audit trail.
func (c *Client) ListAudit(ctx context.Context, r Range) (Page[AuditRow], error) {
	return exchange[Page[AuditRow]](ctx, c, http.MethodGet, "audit?"+r.query(), nil)
}

// VerifyAudit says whether the audit trail is as it was written.
func (c *Client) VerifyAudit(ctx context.Context) (AuditVerdict, error) {
	return exchange[AuditVerdict](ctx, c, http.MethodGet, "audit/verify", nil)
}

// ListKeys returns a part of the list of keys.
func (c *Client) ListKeys(ctx context.Context, r Range) (Page[Key], error) {
	return exchange[Page[Key]](ctx, c, http.MethodGet, "keys?"+r.query(), nil)
}

// SetKeyDisabled disables or enables a key.
func (c *Client) SetKeyDisabled(ctx context.Context, id string, disabled bool) (Key, error) {
	verb := "enable"
	if disabled {
		verb = "disable"
	}
	return exchange[Key](ctx, c, http.MethodPost, "keys/"+segment(id)+"/"+verb, nil)
}

// DeleteKey removes a key for good.
func (c *Client) DeleteKey(ctx context.Context, id string) error {
	_, err := exchange[web.NoBody](ctx, c, http.MethodDelete, "keys/"+segment(id), nil)
	return err
}

func (r Range) query() string {
	query := url.Values{"limit": {strconv.Itoa(r.Limit)}}
	if r.After != "" {
		query.Set("after", r.After)
	}
	return query.Encode()
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
		return out, unanswered(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerSize))
	if err != nil {
		return out, fmt.Errorf("read the server's answer: %w", err)
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

// unanswered says why there is no answer. The URL in the error is of no use to
// the reader; what went wrong is inside.
func unanswered(err error) error {
	failed, ok := errors.AsType[*url.Error](err)
	switch {
	case !ok:
		return err
	case failed.Timeout():
		return fault.Hint(fmt.Errorf("the server did not answer within %s", callTimeout), "look at the server's log")
	case errors.Is(err, io.EOF):
		return fault.Hint(errors.New("the server ended the connection without an answer"), "look at the server's log")
	default:
		return failed.Err
	}
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
