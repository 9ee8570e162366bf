package console

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
)

const (
	keysOnPage = 50
	// unusedDays is from when on a key counts as unused.
	unusedDays = 90
)

// keyList is the page of keys.
type keyList struct {
	Search, Owner, Mode, State, Used string
	Filtered                         bool
	Keys                             []admin.Key
	Next, Wrong                      string
}

func (v *visit) keysPage() error {
	q := v.r.URL.Query()
	shown := keyList{Search: strings.TrimSpace(q.Get("search")), Owner: q.Get("owner"), Mode: q.Get("mode"), State: q.Get("state"), Used: q.Get("used")}
	shown.Filtered = shown.Search+shown.Owner+shown.Mode+shown.State+shown.Used != ""
	asked := admin.KeySearch{
		Search: shown.Search, Owner: shown.Owner, Mode: store.Mode(shown.Mode), State: admin.KeyState(shown.State),
		Cursor: q.Get("after"), Limit: keysOnPage,
	}
	switch shown.Used {
	case "never":
		asked.NeverUsed = true
	case "unused":
		asked.UnusedFor = admin.Seconds(unusedDays * 24 * time.Hour / time.Second)
	case "":
		if shown.Search == "" && shown.Owner == "" {
			asked.Sort = admin.SortNewest
		}
	}
	found, err := v.c.UseCases.SearchKeys(v.r.Context(), asked)
	if p := refusal(err); p != nil {
		shown.Wrong = sentence(p.Detail + "; " + p.Hint)
		return v.render(p.Status, "keys", "Keys", "keys", shown)
	}
	if err != nil {
		return err
	}
	shown.Keys = found.Items
	if found.Next != "" {
		q.Set("after", found.Next)
		q.Del("done")
		shown.Next = "/console/keys?" + q.Encode()
	}
	return v.render(http.StatusOK, "keys", "Keys", "keys", shown)
}

func (v *visit) keyURL(then string) string {
	return "/console/keys/" + url.PathEscape(v.r.PathValue("id")) + then
}

func (v *visit) disableKey() error {
	_, err := v.c.UseCases.SetKeyDisabled(v.r.Context(), v.actor(), v.r.PathValue("id"), true)
	return v.then(err, v.keyURL("?done=disabled"))
}

func (v *visit) enableKey() error {
	key, err := v.c.UseCases.ShowKey(v.r.Context(), v.r.PathValue("id"))
	if err == nil {
		err = v.mayGrant(key.Scopes)
	}
	if err == nil {
		_, err = v.c.UseCases.SetKeyDisabled(v.r.Context(), v.actor(), key.ClientID, false)
	}
	return v.then(err, v.keyURL("?done=enabled"))
}

func (v *visit) revokeKey() error {
	_, err := v.c.UseCases.RevokeKeyTokens(v.r.Context(), v.actor(), v.r.PathValue("id"), admin.TokenRevocation{})
	return v.then(err, v.keyURL("?done=revoked"))
}

func (v *visit) retireSecret() error {
	_, err := v.c.UseCases.RetireSecret(v.r.Context(), v.actor(), v.r.PathValue("id"), v.r.PathValue("secret"),
		admin.Retirement{Force: v.r.PostForm.Get("force") != ""})
	if p := refusal(err); p != nil {
		return v.showKey(p.Status, map[string]string{"retire": sentence(p.Detail + "; " + p.Hint)})
	}
	return v.then(err, v.keyURL("?done=retired"))
}

// deleteKey wants the id typed, so that no click alone does it.
func (v *visit) deleteKey() error {
	id := v.r.PathValue("id")
	if v.r.PostForm.Get("typed") != id {
		return v.showKey(http.StatusUnprocessableEntity, map[string]string{"delete": "What you typed is not the client id of this key."})
	}
	err := v.c.UseCases.DeleteKey(v.r.Context(), v.actor(), id)
	return v.then(err, "/console/keys?done=deleted")
}

// then goes on to another page unless there is an error.
func (v *visit) then(err error, to string) error {
	if err == nil {
		v.redirect(to)
	}
	return err
}
