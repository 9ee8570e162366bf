package sqlstore

import (
	"cmp"
	"context"

	"github.com/grantd/grantd/internal/store"
)

// operatorApplier is applier for mutations of operators.
func operatorApplier(m store.Mutation) (func(context.Context, *session, store.Origin) error, error) {
	switch m := m.(type) {
	case store.CreateOperator:
		return createOperator(m.Operator)
	case store.SetOperatorRole:
		return setOperatorRole(m)
	case store.DeleteOperator:
		return deleteOperator(m), nil
	case store.AddOperatorCredential:
		return addOperatorCredential(m)
	case store.RemoveOperatorCredential:
		return removeOperatorCredential(m), nil
	case store.SignInOperator:
		return func(ctx context.Context, s *session, _ store.Origin) error { return s.hasOperator(ctx, m.ID) }, nil
	default:
		return nil, refuse(store.ErrInvalid, "mutation", "of an unknown type")
	}
}

// The first operator has an id that is always the same, so that of two nodes that make
// one at once only one can.
const insertOperator = `
INSERT INTO operators (id, name, role, created_at, updated_at)
SELECT $1, $2, $3, $4, $5
WHERE $1 <> 'first' OR NOT EXISTS (SELECT 1 FROM operators)
ON CONFLICT DO NOTHING`

func createOperator(o store.Operator) (func(context.Context, *session, store.Origin) error, error) {
	err := cmp.Or(checkText("id", o.ID), checkText("name", o.Name), checkText("role", string(o.Role)))
	inserts := make([]func(context.Context, *session) error, len(o.Credentials))
	for i := 0; i < len(inserts) && err == nil; i++ {
		inserts[i], err = insertCredentialOf(o.ID, o.Credentials[i])
	}
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, s *session, _ store.Origin) error {
		did, err := s.did(ctx, "insert_operator", insertOperator,
			o.ID, o.Name, string(o.Role), o.CreatedAt.UnixMilli(), o.UpdatedAt.UnixMilli())
		if err == nil && !did {
			return refuse(store.ErrConflict, "name", o.Name)
		}
		for i := 0; i < len(inserts) && err == nil; i++ {
			err = inserts[i](ctx, s)
		}
		return err
	}, nil
}

const updateOperatorRole = `
UPDATE operators SET role = $1, updated_at = $2 WHERE id = $3`

func setOperatorRole(m store.SetOperatorRole) (func(context.Context, *session, store.Origin) error, error) {
	err := checkText("role", string(m.Role))
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, s *session, by store.Origin) error {
		return s.keepingAnAdmin(ctx, func() error {
			return s.must(ctx, "update_operator_role", updateOperatorRole, string(m.Role), by.At.UnixMilli(), m.ID)
		})
	}, nil
}

const deleteOperatorRow = `
DELETE FROM operators WHERE id = $1`

//nolint:gosec // G101: a statement, not a credential.
const deleteOperatorCredentials = `
DELETE FROM operator_credentials WHERE operator_id = $1`

func deleteOperator(m store.DeleteOperator) func(context.Context, *session, store.Origin) error {
	return func(ctx context.Context, s *session, _ store.Origin) error {
		err := s.keepingAnAdmin(ctx, func() error { return s.must(ctx, "delete_operator", deleteOperatorRow, m.ID) })
		if err == nil {
			err = s.exec(ctx, "delete_operator_credentials", deleteOperatorCredentials, m.ID)
		}
		if err == nil {
			err = s.exec(ctx, "delete_operator_sessions", deleteOperatorSessions, m.ID)
		}
		return err
	}
}

//nolint:gosec // G101: a statement, not a credential.
const insertCredential = `
INSERT INTO operator_credentials (operator_id, id, kind, name, data, created_at, expires_at, last_used_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT DO NOTHING`

func insertCredentialOf(operatorID string, c store.OperatorCredential) (func(context.Context, *session) error, error) {
	err := cmp.Or(checkText("credential", c.ID), checkText("kind", string(c.Kind)), checkText("name", c.Name))
	if err != nil {
		return nil, err
	}
	data := blob(c.Data)
	return func(ctx context.Context, s *session) error {
		did, err := s.did(ctx, "insert_operator_credential", insertCredential, operatorID, c.ID, string(c.Kind), c.Name, data,
			c.CreatedAt.UnixMilli(), c.ExpiresAt.UnixMilli(), c.LastUsedAt.UnixMilli())
		if err == nil && !did {
			return refuse(store.ErrConflict, "credential", c.ID)
		}
		return err
	}, nil
}

func addOperatorCredential(m store.AddOperatorCredential) (func(context.Context, *session, store.Origin) error, error) {
	insert, err := insertCredentialOf(m.OperatorID, m.Credential)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, s *session, _ store.Origin) error {
		err := s.hasOperator(ctx, m.OperatorID)
		if err != nil {
			return err
		}
		return insert(ctx, s)
	}, nil
}

//nolint:gosec // G101: a statement, not a credential.
const deleteCredential = `
DELETE FROM operator_credentials WHERE operator_id = $1 AND id = $2`

func removeOperatorCredential(m store.RemoveOperatorCredential) func(context.Context, *session, store.Origin) error {
	return func(ctx context.Context, s *session, _ store.Origin) error {
		err := error(nil)
		if m.Spare {
			err = s.hasOperator(ctx, m.OperatorID)
		}
		if err == nil {
			err = s.must(ctx, "delete_operator_credential", deleteCredential, m.OperatorID, m.ID)
		}
		if err == nil && m.Spare {
			err = s.hasWayIn(ctx, m.OperatorID)
		}
		if err == nil {
			err = s.exec(ctx, "delete_operator_sessions", deleteOperatorSessions, m.OperatorID)
		}
		return err
	}
}

const countWaysIn = `
SELECT count(*) FROM operator_credentials WHERE operator_id = $1 AND kind IN ('passkey', 'password')`

func (s *session) hasWayIn(ctx context.Context, id string) error {
	can, err := s.exists(ctx, "count_ways_in", countWaysIn, id)
	if err == nil && !can {
		return refuse(store.ErrConflict, "credential", id)
	}
	return err
}

// The rows of all admins are written, so that of two who take each other away the one
// waits for the other, and then counts without them.
const (
	keepAdmins = `
UPDATE operators SET updated_at = updated_at WHERE role = 'admin'`

	countAdmins = `
SELECT count(*) FROM operators AS o
WHERE o.role = 'admin' AND EXISTS (
    SELECT 1 FROM operator_credentials AS c WHERE c.operator_id = o.id AND c.kind IN ('passkey', 'password'))`
)

// keepingAnAdmin refuses a change after which no admin can sign in, if one could before.
func (s *session) keepingAnAdmin(ctx context.Context, change func() error) error {
	err := s.exec(ctx, "keep_admins", keepAdmins)
	if err != nil {
		return err
	}
	before, err := s.exists(ctx, "count_admins", countAdmins)
	if err == nil {
		err = change()
	}
	if err != nil || !before {
		return err
	}
	after, err := s.exists(ctx, "count_admins", countAdmins)
	if err == nil && !after {
		return refuse(store.ErrConflict, "role", string(store.Admin))
	}
	return err
}

// The row is written and not only read, so that the operator is not removed meanwhile.
const keepOperator = `
UPDATE operators SET updated_at = updated_at WHERE id = $1`

func (s *session) hasOperator(ctx context.Context, id string) error {
	return s.must(ctx, "keep_operator", keepOperator, id)
}
