package mirror

import (
	"context"
	"fmt"

	"github.com/grantd/grantd/internal/store"
)

// dearer is how many times as long it takes to read a key alone as among others.
const dearer = 20

// catchUp applies what has changed since the snapshot that the mirror began with.
// Unlike apply it reads each record once, however often it changed, for there may be
// many changes; and it loads everything when that is less work.
func (m *Mirror) catchUp(ctx context.Context) error {
	changed, head, err := m.missed(ctx)
	if err != nil {
		return err
	}
	if len(changed) > page && int64(len(changed))*dearer > m.Clients() {
		return m.load(ctx)
	}
	defer m.origins.publish()
	for _, change := range changed {
		err = m.applyOne(ctx, change)
		if err != nil {
			return err
		}
	}
	m.position = head
	// The snapshot may hold some of what came after its position. Had that been lost
	// with a history, nothing above would have told.
	_, err = m.Source.Changes(ctx, *m.until, 1)
	if err != nil {
		return fmt.Errorf("read the feed: %w", err)
	}
	return nil
}

// missed reads the feed to its end. It returns what is still to be read, each record
// once, and the position of the last change. Revocations need not be read: it adds
// them.
func (m *Mirror) missed(ctx context.Context) ([]store.Change, store.Position, error) {
	type subject struct {
		kind store.Kind
		id   string
	}
	var changed []store.Change
	seen, head := map[subject]bool{}, m.position
	for {
		changes, err := m.Source.Changes(ctx, head, page)
		if err != nil {
			return nil, head, fmt.Errorf("read the feed: %w", err)
		}
		for _, change := range changes {
			head = change.Position
			if change.Kind == store.KindRevocation {
				err = m.applyRevocation(change.ID)
				if err != nil {
					return nil, head, err
				}
				continue
			}
			one := subject{change.Kind, change.ID}
			if readWhole(change.Kind) {
				one.id = ""
			}
			if !seen[one] {
				seen[one] = true
				changed = append(changed, change)
			}
		}
		if len(changes) < page {
			return changed, head, nil
		}
	}
}
