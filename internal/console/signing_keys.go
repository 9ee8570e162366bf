package console

import (
	"net/http"
	"slices"

	"github.com/grantd/grantd/internal/admin"
)

// signingKeyList is the page of signing keys.
type signingKeyList struct {
	Keys       []admin.SigningKey
	Timeline   timeline
	Algorithms []string
	// Effect says what a revocation has done, right after it.
	Effect string
	// Wrong is what was refused, beside the field: by "alg", by the id of a key, or by
	// "" when there is no such key.
	Wrong map[string]string
}

func (v *visit) signingKeysPage() error { return v.showSigningKeys(http.StatusOK, signingKeyList{}) }

func (v *visit) showSigningKeys(status int, shown signingKeyList) error {
	found, err := v.c.UseCases.ListSigningKeys(v.r.Context())
	if err != nil {
		return err
	}
	shown.Keys, shown.Timeline = found.Items, newTimeline(found.Items, v.c.Now().UTC())
	for id, why := range shown.Wrong {
		if id != "alg" && !slices.ContainsFunc(found.Items, func(key admin.SigningKey) bool { return key.ID == id }) {
			shown.Wrong = map[string]string{"": why}
		}
	}
	for _, key := range found.Items {
		if !slices.Contains(shown.Algorithms, key.Algorithm) {
			shown.Algorithms = append(shown.Algorithms, key.Algorithm)
		}
	}
	return v.render(status, "signingkeys", "Signing keys", "signing", shown)
}

func (v *visit) rotateSigningKey() error {
	_, err := v.c.UseCases.RotateSigningKey(v.r.Context(), v.actor(), admin.SigningKeyRotation{Algorithm: v.r.PostForm.Get("alg")})
	if p := refusal(err); p != nil {
		return v.showSigningKeys(p.Status, signingKeyList{Wrong: map[string]string{"alg": sentence(p.Detail + "; " + p.Hint)}})
	}
	return v.then(err, "/console/signing-keys?done=rotated")
}

// revokeSigningKey wants the id typed, so that no click alone does it.
func (v *visit) revokeSigningKey() error {
	kid := v.r.PathValue("id")
	refused := func(status int, why string) error {
		return v.showSigningKeys(status, signingKeyList{Wrong: map[string]string{kid: why}})
	}
	if v.r.PostForm.Get("typed") != kid {
		return refused(http.StatusUnprocessableEntity, "What you typed is not the id of this key.")
	}
	revoked, err := v.c.UseCases.RevokeSigningKey(v.r.Context(), v.actor(), kid)
	if p := refusal(err); p != nil {
		return refused(p.Status, sentence(p.Detail+"; "+p.Hint))
	}
	if err != nil {
		return err
	}
	return v.showSigningKeys(http.StatusOK, signingKeyList{Effect: sentence("The key " + kid + " is revoked: " + revoked.Effect)})
}
