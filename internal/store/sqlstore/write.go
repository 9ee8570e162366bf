package sqlstore

import (
	"context"
	"errors"

	"github.com/grantd/grantd/internal/store"
)

// step is a mutation made ready: checked, its lists joined and its bytes copied,
// so that the writer shares nothing with the caller.
type step struct {
	kind      store.Kind
	id, event string
	apply     func(ctx context.Context, s *session, by store.Origin) error
}

// Write implements [store.Writer].
func (s *Store) Write(ctx context.Context, by store.Origin, mutations ...store.Mutation) (store.Position, error) {
	if len(mutations) == 0 {
		return s.Head(ctx)
	}
	steps, err := prepare(mutations)
	if err != nil {
		return store.Position{}, err
	}
	err = s.enter()
	if err != nil {
		return store.Position{}, failed("write", err)
	}
	defer s.leave()

	var last store.Position
	err = s.writer.submit(ctx, "write", func(ctx context.Context, session *session) error {
		err := applyAll(ctx, session, by, steps)
		if err != nil {
			return err
		}
		last, err = session.journal(ctx, by, steps)
		return err
	})
	if err != nil {
		return store.Position{}, err
	}
	return last, nil
}

func prepare(mutations []store.Mutation) ([]step, error) {
	steps := make([]step, len(mutations))
	for i, m := range mutations {
		if m == nil {
			return nil, &store.MutationError{Index: i, Field: "mutation", Value: "nil", Err: store.ErrInvalid}
		}
		apply, err := applier(m)
		kind, id := m.Subject()
		if err != nil {
			return nil, named(err, i, kind, id)
		}
		steps[i] = step{kind: kind, id: id, event: m.Event(), apply: apply}
	}
	return steps, nil
}

func applier(m store.Mutation) (func(context.Context, *session, store.Origin) error, error) {
	switch m := m.(type) {
	case store.CreateAPI:
		return createAPI(m.API)
	case store.UpdateAPI:
		return updateAPI(m.API)
	case store.DeleteAPI:
		return deleteAPI(m), nil
	case store.RevokeAPITokens:
		return revokeAPITokens(m), nil
	case store.AddResourceServer:
		return addResourceServer(m), nil
	case store.RemoveResourceServer:
		return removeResourceServer(m), nil
	case store.CreateClient:
		return createClient(m.Client)
	case store.UpdateClient:
		return updateClient(m.Client)
	case store.SetClientDisabled:
		return setClientDisabled(m), nil
	case store.DeleteClient:
		return deleteClient(m), nil
	case store.RevokeClientTokens:
		return revokeClientTokens(m), nil
	case store.AddSecret:
		return addSecret(m), nil
	case store.RemoveSecret:
		return removeSecret(m), nil
	case store.SetSecretExpiry:
		return setSecretExpiry(m), nil
	case store.CreateSigningKey:
		return createSigningKey(m.SigningKey), nil
	case store.RevokeSigningKey:
		return revokeSigningKey(m), nil
	case store.DeleteSigningKey:
		return deleteSigningKey(m), nil
	case store.ResealSigningKey:
		return resealSigningKey(m), nil
	case store.RevokeToken:
		return revoke(m.Revocation), nil
	case store.RevokeFamily:
		return revoke(m.Revocation), nil
	case store.RevokeAllTokens:
		return revokeAllTokens(m), nil
	default:
		return nil, refuse(store.ErrInvalid, "mutation", "of an unknown type")
	}
}

func applyAll(ctx context.Context, s *session, by store.Origin, steps []step) error {
	for i, step := range steps {
		err := step.apply(ctx, s, by)
		if err != nil {
			return named(err, i, step.kind, step.id)
		}
	}
	return nil
}

// named completes a refusal with the mutation it is about; it leaves other errors
// as they are.
func named(err error, index int, kind store.Kind, id string) error {
	refusal, ok := errors.AsType[*store.MutationError](err)
	if ok {
		refusal.Index, refusal.Kind, refusal.ID = index, kind, id
	}
	return err
}
