package console

import (
	"net/http"

	"github.com/grantd/grantd/internal/admin"
)

// inspected is the page that says what is in a token. The token is not in it: it is
// neither shown again nor kept.
type inspected struct {
	Seen  *admin.Inspection
	Wrong string
}

func (v *visit) inspectPage() error {
	return v.render(http.StatusOK, "inspect", "Token inspector", "inspect", inspected{})
}

func (v *visit) inspect() error {
	seen, err := v.c.UseCases.InspectToken(v.r.Context(), v.r.PostForm.Get("token"))
	if p := refusal(err); p != nil {
		return v.render(p.Status, "inspect", "Token inspector", "inspect", inspected{Wrong: sentence(p.Detail + "; " + p.Hint)})
	}
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "inspect", "Token inspector", "inspect", inspected{Seen: &seen})
}
