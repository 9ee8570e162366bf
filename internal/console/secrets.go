package console

import (
	"net/http"

	"github.com/grantd/grantd/internal/admin"
)

// secretList is the page of the secrets, of all keys, that somebody should look after.
type secretList struct {
	Ending, Weak []admin.NotedSecret
	Most         int
}

const secretsOnPage = 200

func (v *visit) secretsPage() error {
	shown := secretList{Most: secretsOnPage}
	var err error
	shown.Ending, err = v.c.UseCases.EndingSecrets(v.r.Context(), endingSoon, secretsOnPage)
	if err == nil {
		shown.Weak, err = v.c.UseCases.WeakSecrets(v.r.Context(), secretsOnPage)
	}
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "secrets", "Secrets that need attention", "dashboard", shown)
}
