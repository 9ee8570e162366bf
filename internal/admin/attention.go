package admin

import (
	"context"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// NotedSecret is a secret that somebody should look after, with the key that it is of.
type NotedSecret struct {
	ClientID string `json:"client_id"`
	KeyName  string `json:"key_name"`
	// Name is that of the secret.
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"created_at"`
	// ExpiresAt is absent when it never ends.
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}

// oldestSecret is the profile that live keys are held to: a secret ends, or is replaced
// within a year. Nothing enforces it; what falls short of it is shown.
const oldestSecret = 365 * 24 * time.Hour

// EndingSecrets returns at most limit secrets of enabled keys that work now and end
// within the time, the soonest first.
func (u *UseCases) EndingSecrets(ctx context.Context, within time.Duration, limit int) ([]NotedSecret, error) {
	now := u.now()
	// One that ends at this very instant works no more.
	return noted(u.Store.EndingSecrets(ctx, now.Add(time.Millisecond), now.Add(within), limit))
}

// WeakSecrets returns at most limit secrets of enabled live keys that are weaker than the
// profile asks for, the oldest first: they never end, and are older than a year.
func (u *UseCases) WeakSecrets(ctx context.Context, limit int) ([]NotedSecret, error) {
	return noted(u.Store.LastingSecrets(ctx, u.now().Add(-oldestSecret), limit))
}

func noted(found []store.KeySecret, err error) ([]NotedSecret, error) {
	if err != nil {
		return nil, storeProblem(err)
	}
	list := make([]NotedSecret, 0, len(found))
	for _, s := range found {
		list = append(list, NotedSecret{s.ClientID, s.ClientName, s.Name, s.CreatedAt, s.ExpiresAt})
	}
	return list, nil
}
