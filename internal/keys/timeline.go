package keys

import (
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/grantd/grantd/internal/store"
)

// timeline is a value that changes at instants known beforehand, in order. The
// first span has no beginning.
type timeline[T any] []span[T]

type span[T any] struct {
	from  time.Time
	value T
}

// at returns the value at an instant, and when it changes; the zero time when it
// does not.
func (t timeline[T]) at(at time.Time) (T, time.Time) {
	var until time.Time
	for i := len(t) - 1; i >= 0; i-- {
		if i == 0 || !at.Before(t[i].from) {
			return t[i].value, until
		}
		until = t[i].from
	}
	var none T
	return none, until
}

// newRingState looks at the keys at every instant at which one of them changes
// its state, so that a lookup need not.
func newRingState(schedule Schedule, usable []opened) (*ringState, error) {
	records := make([]store.SigningKey, len(usable))
	for i := range usable {
		records[i] = usable[i].record
	}
	state := &ringState{signers: map[string]timeline[*Active]{}, verifiers: map[string]*verifier{}}
	for i, status := range schedule.Statuses(records, time.Time{}) {
		state.verifiers[status.ID] = newVerifier(usable[i], status.GoneAt)
	}
	actives := make([]*Active, len(usable))
	for i, key := range usable {
		actives[i] = &Active{ID: key.record.ID, Algorithm: key.record.Algorithm, Signer: key.signer}
	}
	for _, instant := range instants(schedule, records) {
		statuses := schedule.Statuses(records, instant)
		for i, status := range statuses {
			if status.State != StateActive {
				continue
			}
			signers := state.signers[status.Algorithm]
			if len(signers) == 0 || signers[len(signers)-1].value != actives[i] {
				state.signers[status.Algorithm] = append(signers, span[*Active]{instant, actives[i]})
			}
		}
		document, err := newDocument(published(usable, statuses))
		if err != nil {
			return nil, err
		}
		last := len(state.documents) - 1
		if last < 0 || state.documents[last].value.ETag != document.ETag {
			state.documents = append(state.documents, span[Document]{instant, document})
		}
	}
	return state, nil
}

// instants returns when a state changes, in order, and before them the zero time.
func instants(schedule Schedule, records []store.SigningKey) []time.Time {
	list := []time.Time{{}}
	for _, status := range schedule.Statuses(records, time.Time{}) {
		if !status.RetiresAt.IsZero() {
			list = append(list, status.RetiresAt, status.GoneAt)
		}
	}
	slices.SortFunc(list, time.Time.Compare)
	return slices.CompactFunc(list, time.Time.Equal)
}

// published returns the public keys in the order of the JWKS: by algorithm, the
// default one's first; of each algorithm the one that signs, then the newest.
// Some readers try the keys one after the other.
func published(usable []opened, statuses []Status) jose.JSONWebKeySet {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	add := func(algorithm string, states ...State) {
		for i, status := range slices.Backward(statuses) {
			if status.Algorithm == algorithm && slices.Contains(states, status.State) {
				set.Keys = append(set.Keys, publicJWK(usable[i]))
			}
		}
	}
	for _, algorithm := range Algorithms() {
		add(algorithm, StateActive)
		add(algorithm, StatePending, StateRetiring)
	}
	return set
}

func publicJWK(key opened) jose.JSONWebKey {
	return jose.JSONWebKey{
		Key:       key.private.Public(),
		KeyID:     key.record.ID,
		Algorithm: key.record.Algorithm,
		Use:       "sig",
	}
}
