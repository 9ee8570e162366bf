package console

import (
	"net/http"
	"slices"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/oauth"
)

// shownKey is the page of one key.
type shownKey struct {
	Key      admin.Key
	Secrets  []admin.SecretStatus
	Usage    admin.Usage
	Chart    chart
	Days     bool
	Failures []string
	Wrong    map[string]string
}

// Signs says that the key has no secret, because it signs.
func (s shownKey) Signs() bool { return slices.Contains(s.Key.AuthMethods, oauth.PrivateKeyJWT) }

// Refreshes says that the key gets refresh tokens.
func (s shownKey) Refreshes() bool { return slices.Contains(s.Key.GrantTypes, oauth.RefreshToken) }

// Limits are how much the key may be used, a few words each.
func (s shownKey) Limits() []string {
	var all []string
	if s.Key.RequestsPerSecond > 0 {
		all = append(all, plural(s.Key.RequestsPerSecond, "request")+" a second")
	}
	if s.Key.Burst > 0 {
		all = append(all, plural(s.Key.Burst, "request")+" at once")
	}
	if s.Key.TokensPerHour > 0 {
		all = append(all, plural(s.Key.TokensPerHour, "token")+" an hour")
	}
	if s.Key.TokensPerDay > 0 {
		all = append(all, plural(s.Key.TokensPerDay, "token")+" a day")
	}
	return all
}

func (v *visit) keyPage() error { return v.showKey(http.StatusOK, nil) }

func (v *visit) showKey(status int, wrong map[string]string) error {
	ctx, id := v.r.Context(), v.r.PathValue("id")
	key, err := v.c.UseCases.ShowKey(ctx, id)
	if err != nil {
		return err
	}
	secrets, err := v.c.UseCases.ListSecrets(ctx, id, admin.SecretRange{})
	if err != nil {
		return err
	}
	shown := shownKey{Key: key, Secrets: secrets.Items, Days: v.r.URL.Query().Get("span") == "30d", Wrong: wrong}
	now := v.c.Now().UTC()
	span := admin.UsageRange{From: now.Add(-23 * time.Hour), To: now.Add(time.Second)}
	if shown.Days {
		span.From = now.Add(-29 * 24 * time.Hour)
	}
	shown.Usage, err = v.c.UseCases.Usage(ctx, id, span)
	if err != nil {
		return err
	}
	shown.Chart = newChart(shown.Usage, span, shown.Days)
	for _, f := range shown.Usage.RecentFailures {
		shown.Failures = append(shown.Failures, failureSentence(f, now))
	}
	return v.render(status, "key", key.Name, "keys", shown)
}

// failureSentence says what was refused, from where and how often.
func failureSentence(f admin.UsageFailure, now time.Time) string {
	what := map[string]string{
		"wrong_secret": "Wrong secret", "scope_refused": "Scope not granted", "rate_limited": "Too many requests",
		"policy_refused": "Refused by the rules of the key", "disabled": "Tried while disabled",
		"grant_not_allowed": "Grant not allowed to this key",
	}[f.Reason]
	if what == "" {
		what = "Refused for another reason"
	}
	if f.Address != "" {
		what += " from " + f.Address
	}
	return what + ", " + plural(f.Count, "time") + ", last " + ago(now, f.LastAt) + "."
}
