package admin

import "context"

// ListSecrets returns all secrets of a key, the oldest first, each with the
// verdict whether it may go.
func (u *UseCases) ListSecrets(ctx context.Context, clientID string, r SecretRange) (Page[SecretStatus], error) {
	err := u.flush(ctx)
	if err != nil {
		return Page[SecretStatus]{}, err
	}
	key, err := u.Store.Client(ctx, clientID)
	if err != nil {
		return Page[SecretStatus]{}, keyProblem(clientID, err)
	}
	at := u.now()
	items := make([]SecretStatus, 0, len(key.Secrets))
	for i, record := range key.Secrets {
		safe, why := verdict(key, i, at, r.duration())
		items = append(items, SecretStatus{Secret: secretFrom(record, at), SafeToRetire: safe, Why: why})
	}
	return Page[SecretStatus]{Items: items}, nil
}
