package admin

import (
	"context"
	"errors"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

// ShowKey returns the key with this client id.
func (u *UseCases) ShowKey(ctx context.Context, id string) (Key, error) {
	record, err := u.Store.Client(ctx, id)
	if err != nil {
		return Key{}, keyProblem(id, err)
	}
	return keyFrom(record, u.now()), nil
}

// ListKeys returns a part of the list of keys, in the order of their ids.
func (u *UseCases) ListKeys(ctx context.Context, r Range) (Page[Key], error) {
	records, err := u.Store.Clients(ctx, r.After, r.Limit+1)
	if err != nil {
		return Page[Key]{}, storeProblem(err)
	}
	at := u.now()
	items := make([]Key, 0, len(records))
	for _, record := range records {
		items = append(items, keyFrom(record, at))
	}
	return cut(items, r.Limit, func(k Key) string { return k.ClientID }), nil
}

// SetKeyDisabled disables or enables a key and returns it as it is now.
func (u *UseCases) SetKeyDisabled(ctx context.Context, actor, id string, disabled bool) (Key, error) {
	err := u.write(ctx, actor, u.now(), store.SetClientDisabled{ID: id, Disabled: disabled})
	if err != nil {
		return Key{}, keyProblem(id, err)
	}
	record, err := u.Store.Client(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return Key{}, keyProblem(id, err)
	}
	if err != nil {
		return Key{}, notTakenIn(err)
	}
	return keyFrom(record, u.now()), nil
}

// DeleteKey removes a key for good.
func (u *UseCases) DeleteKey(ctx context.Context, actor, id string) error {
	err := u.write(ctx, actor, u.now(), store.DeleteClient{ID: id})
	if err != nil {
		return keyProblem(id, err)
	}
	return nil
}

// NoSuchKey is the error when there is no key with this id.
func NoSuchKey(id string) error { return keyProblem(id, store.ErrNotFound) }

func keyProblem(id string, err error) error {
	_, told := errors.AsType[*web.Problem](err)
	if !told && errors.Is(err, store.ErrNotFound) {
		return notFound("key", id, "list the keys to see their client ids")
	}
	return storeProblem(err)
}
