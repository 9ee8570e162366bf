package sqlstore

import (
	"context"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// Both follow an index, and see no more secrets than a window has: those of keys that
// are left out may be many.
const (
	//nolint:gosec // G101: a statement, not a credential.
	selectEndingSecrets = `
SELECT s.client_id, c.name, s.name, s.created_at, s.expires_at
FROM (
    SELECT client_id, name, created_at, expires_at
    FROM client_secrets
    WHERE expires_at >= $1 AND expires_at < $2
    ORDER BY expires_at, created_at, client_id
    LIMIT $3
) AS s
JOIN clients AS c ON c.id = s.client_id
WHERE NOT c.disabled
ORDER BY s.expires_at, s.created_at, s.client_id
LIMIT $4`

	//nolint:gosec // G101: a statement, not a credential.
	selectLastingSecrets = `
SELECT s.client_id, c.name, s.name, s.created_at, s.expires_at
FROM (
    SELECT client_id, name, created_at, expires_at
    FROM client_secrets
    WHERE expires_at = $1 AND created_at < $2
    ORDER BY created_at, client_id
    LIMIT $3
) AS s
JOIN clients AS c ON c.id = s.client_id
WHERE NOT c.disabled AND c.mode = 'live'
ORDER BY s.created_at, s.client_id
LIMIT $4`

	secretWindow = 1000
)

// EndingSecrets implements [store.Search].
func (s *Store) EndingSecrets(ctx context.Context, from, before time.Time, limit int) ([]store.KeySecret, error) {
	found, err := list(ctx, s, "select_ending_secrets", selectEndingSecrets, scanKeySecret,
		from.UnixMilli(), before.UnixMilli(), secretWindow, max(limit, 0))
	if err != nil {
		return nil, failed("look for secrets that end", err)
	}
	return found, nil
}

// LastingSecrets implements [store.Search].
func (s *Store) LastingSecrets(ctx context.Context, createdBefore time.Time, limit int) ([]store.KeySecret, error) {
	found, err := list(ctx, s, "select_lasting_secrets", selectLastingSecrets, scanKeySecret,
		time.Time{}.UnixMilli(), createdBefore.UnixMilli(), secretWindow, max(limit, 0))
	if err != nil {
		return nil, failed("look for secrets that never end", err)
	}
	return found, nil
}

func scanKeySecret(row scanner) (store.KeySecret, error) {
	var k store.KeySecret
	var created, expires int64
	err := row.Scan(&k.ClientID, &k.ClientName, &k.Name, &created, &expires)
	k.CreatedAt, k.ExpiresAt = fromMillis(created), fromMillis(expires)
	return k, err
}
