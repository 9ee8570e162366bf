package server

import (
	"context"
	"fmt"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

// takeUpMasterKey makes the first master key the database's own: what was sealed
// under another one is sealed anew, then the fingerprint is replaced.
//
// A crash between the two leaves the old fingerprint, with which the next start
// still demands the old key beside the new one, and comes here again. The other
// way round it would demand only the new key, which opens nothing yet.
func (s *Server) takeUpMasterKey(ctx context.Context, newMaster bool) error {
	err := s.resealSigningKeys(ctx)
	if err != nil {
		return err
	}
	if !newMaster {
		return nil
	}
	setting := masterKey(s.Config).fingerprint()
	err = s.Store.SetSetting(ctx, setting, keys.Fingerprint(s.secrets.masters[0]))
	if err != nil {
		return fmt.Errorf("save the %s: %w", setting, err)
	}
	return nil
}

// resealSigningKeys seals those anew that another master key than the first has
// sealed, also when the first is not new: a server that ran with the older ones
// in the meantime may have made some.
func (s *Server) resealSigningKeys(ctx context.Context) error {
	records, err := s.Store.SigningKeys(ctx)
	if err != nil {
		return fmt.Errorf("read the signing keys: %w", err)
	}
	now := s.Now().UTC()
	var mutations []store.Mutation
	for i, status := range s.schedule.Statuses(records, now) {
		sealed, old, err := s.ring.Reseal(records[i])
		if err != nil && (status.State == keys.StateGone || status.State == keys.StateRevoked) {
			// Nobody needs it any more.
			continue
		}
		if err != nil {
			return err
		}
		if old {
			mutations = append(mutations, store.ResealSigningKey{ID: status.ID, Sealed: sealed})
		}
	}
	if len(mutations) == 0 {
		return nil
	}
	_, err = s.Store.Write(ctx, store.Origin{Actor: "system", At: now}, mutations...)
	if err != nil {
		return fmt.Errorf("seal the signing keys under the new master key: %w", err)
	}
	return nil
}
