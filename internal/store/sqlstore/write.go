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
	// insertion is what apply does, where that is all.
	insertion *insertion
	// former is whose the key was before; the step may find that out when it is applied.
	former string
}

// Write implements [store.Writer].
func (s *Store) Write(ctx context.Context, by store.Origin, mutations ...store.Mutation) (store.Position, error) {
	if len(mutations) == 0 {
		return s.Head(ctx)
	}
	return s.write(ctx, by, mutations, func(context.Context, *session) error { return nil })
}

// write applies the mutations unless the condition, in the same transaction, fails.
func (s *Store) write(
	ctx context.Context, by store.Origin, mutations []store.Mutation, condition func(context.Context, *session) error,
) (store.Position, error) {
	steps, err := prepare(by, mutations)
	if err != nil {
		return store.Position{}, err
	}
	err = s.enter()
	if err != nil {
		return store.Position{}, failed("write", err)
	}
	defer s.leave()

	var last store.Position
	err = s.writer.submit(ctx, work{doing: "write", journals: true, apply: func(ctx context.Context, session *session) error {
		err := condition(ctx, session)
		if err == nil {
			err = applyAll(ctx, session, by, steps)
		}
		if err == nil {
			session.note(by, steps, &last)
		}
		return err
	}})
	if err != nil {
		return store.Position{}, err
	}
	return last, nil
}

func prepare(by store.Origin, mutations []store.Mutation) ([]step, error) {
	steps := make([]step, len(mutations))
	for i, m := range mutations {
		if m == nil {
			return nil, &store.MutationError{Index: i, Field: "mutation", Value: "nil", Err: store.ErrInvalid}
		}
		kind, id := m.Subject()
		err := checkText("actor", by.Actor)
		if err != nil {
			return nil, named(err, i, kind, id)
		}
		steps[i] = step{kind: kind, id: id, event: m.Event()}
		err = steps[i].make(m)
		if err != nil {
			return nil, named(err, i, kind, id)
		}
	}
	return steps, nil
}

// make checks the mutation and says how it is applied.
func (s *step) make(m store.Mutation) error {
	var err error
	switch m := m.(type) {
	case store.CreateClient:
		s.insertion, err = createClient(m.Client)
		s.apply = s.insertion.apply
	case store.DeleteClient:
		s.apply = deleteClient(m, &s.former)
	case store.UpdateClient:
		s.apply, err = updateClient(m)
		if m.Former != m.Client.Owner {
			s.former = textOf(m.Former)
		}
	default:
		s.apply, err = applier(m)
	}
	if err == nil && !isText(s.id) {
		// Whatever creates a record has refused it already.
		s.apply = notFound
	}
	return err
}

func applier(m store.Mutation) (func(context.Context, *session, store.Origin) error, error) {
	switch m := m.(type) {
	case store.CreateAPI:
		return createAPI(m.API)
	case store.UpdateAPI:
		return updateAPI(m)
	case store.DeleteAPI:
		return deleteAPI(m), nil
	case store.RevokeAPITokens:
		return revokeAPITokens(m), nil
	case store.AddResourceServer:
		return addResourceServer(m), nil
	case store.RemoveResourceServer:
		return removeResourceServer(m), nil
	case store.SetClientDisabled:
		return setClientDisabled(m), nil
	case store.RevokeClientTokens:
		return revokeClientTokens(m), nil
	case store.AddSecret:
		return addSecret(m)
	case store.RemoveSecret:
		return removeSecret(m), nil
	case store.SetSecretExpiry:
		return setSecretExpiry(m), nil
	case store.CreateSigningKey:
		return createSigningKey(m.SigningKey)
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
	case store.StartEpoch:
		return startEpoch(m), nil
	case store.KeepAnswer:
		return keepAnswer(m), nil
	default:
		return operatorApplier(m)
	}
}

func notFound(context.Context, *session, store.Origin) error {
	return refuse(store.ErrNotFound, "", "")
}

func applyAll(ctx context.Context, s *session, by store.Origin, steps []step) error {
	for i := 0; i < len(steps); {
		n := insertions(steps[i:])
		at, err := 0, error(nil)
		if n > 1 && s.send != nil {
			at, err = s.insertAll(ctx, steps[i:i+n])
		} else {
			n, err = 1, steps[i].apply(ctx, s, by)
		}
		if err != nil {
			failed := steps[i+at]
			return named(err, i+at, failed.kind, failed.id)
		}
		i += n
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
