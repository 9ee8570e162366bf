package sqlstore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/grantd/grantd/internal/store"
)

// An operator and the credentials come from one statement, so they are of one moment.
// There are few operators: all reads are this one, and the answer is searched.
const selectOperators = `
SELECT o.id, o.name, o.role, o.created_at, o.updated_at,
       c.id, c.kind, c.name, c.data, c.created_at, c.expires_at, c.last_used_at
FROM operators AS o
LEFT JOIN operator_credentials AS c ON c.operator_id = o.id
WHERE ($1 = '' OR o.id = $1) AND ($2 = '' OR o.name = $2)
ORDER BY o.created_at, o.id, c.created_at, c.id`

// Operators implements [store.Operators].
func (s *Store) Operators(ctx context.Context) ([]store.Operator, error) {
	found, err := s.operators(ctx, "", "")
	if err != nil {
		return nil, failed("read the operators", err)
	}
	return found, nil
}

// Operator implements [store.Operators].
func (s *Store) Operator(ctx context.Context, id string) (store.Operator, error) {
	return s.operator(ctx, id, id, "")
}

// OperatorNamed implements [store.Operators].
func (s *Store) OperatorNamed(ctx context.Context, name string) (store.Operator, error) {
	return s.operator(ctx, name, "", name)
}

func (s *Store) operator(ctx context.Context, asked, id, name string) (store.Operator, error) {
	var found []store.Operator
	err := error(nil)
	if asked != "" {
		found, err = s.operators(ctx, id, name)
	}
	if err == nil && len(found) == 0 {
		err = sql.ErrNoRows
	}
	if err != nil {
		return store.Operator{}, failed(fmt.Sprintf("read operator %q", asked), err)
	}
	return found[0], nil
}

func (s *Store) operators(ctx context.Context, id, name string) ([]store.Operator, error) {
	var all []store.Operator
	err := each(ctx, s, "select_operators", selectOperators, func() func(scanner) error {
		all = nil
		return func(row scanner) error {
			var err error
			all, err = appendOperator(all, row)
			return err
		}
	}, id, name)
	if err != nil {
		return nil, err
	}
	return all, nil
}

// appendOperator reads a row of an operator and one credential.
func appendOperator(all []store.Operator, row scanner) ([]store.Operator, error) {
	var o store.Operator
	var id, kind, name sql.NullString
	var data []byte
	var created, updated int64
	var made, ends, used sql.NullInt64
	err := row.Scan(&o.ID, &o.Name, &o.Role, &created, &updated, &id, &kind, &name, &data, &made, &ends, &used)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 || all[len(all)-1].ID != o.ID {
		o.CreatedAt, o.UpdatedAt = fromMillis(created), fromMillis(updated)
		all = append(all, o)
	}
	if id.Valid {
		last := &all[len(all)-1]
		last.Credentials = append(last.Credentials, store.OperatorCredential{
			ID: id.String, Kind: store.CredentialKind(kind.String), Name: name.String, Data: nilIfEmpty(data),
			CreatedAt: fromMillis(made.Int64), ExpiresAt: fromMillis(ends.Int64), LastUsedAt: fromMillis(used.Int64),
		})
	}
	return all, nil
}

const updateCredentialUse = `
UPDATE operator_credentials
SET data = $1, last_used_at = $2
WHERE operator_id = $3 AND id = $4 AND last_used_at <= $2`

// NoteCredentialUse implements [store.Operators].
func (s *Store) NoteCredentialUse(ctx context.Context, operatorID string, c store.OperatorCredential) error {
	data, args := blob(c.Data), []any{operatorID, c.ID}
	if !areText(args) {
		return nil
	}
	return s.submit(ctx, "note the use of a credential", func(ctx context.Context, session *session) error {
		return session.exec(ctx, "update_credential_use", updateCredentialUse, data, c.LastUsedAt.UnixMilli(), operatorID, c.ID)
	})
}
