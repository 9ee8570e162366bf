package admin

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

// algorithmToRotate returns the algorithm that was asked for, or else the one
// that the APIs sign with.
func algorithmToRotate(asked string, apis []store.API, have []keys.Status) (string, error) {
	if asked != "" {
		err := checkOneOf("alg", asked, keys.Algorithms()...)
		if err != nil {
			return "", err
		}
		if !slices.ContainsFunc(have, func(s keys.Status) bool { return s.Algorithm == asked }) {
			return "", invalid("alg", fmt.Sprintf("there is no %s signing key to rotate", asked),
				"an algorithm gets its first key with the first API that signs with it")
		}
		return asked, nil
	}
	var used []string
	for _, algorithm := range keys.Algorithms() {
		if slices.ContainsFunc(apis, func(a store.API) bool { return a.Algorithm == algorithm }) {
			used = append(used, algorithm)
		}
	}
	switch len(used) {
	case 0:
		return "", invalid("alg", "there is no API yet, and no signing key to rotate", "create an API first")
	case 1:
		return used[0], nil
	default:
		return "", invalid("alg", "the APIs sign with more than one algorithm", "name one of "+strings.Join(used, ", "))
	}
}

// pendingOf returns the signing key of the algorithm that waits to sign.
func pendingOf(algorithm string, have []keys.Status) (keys.Status, bool) {
	i := slices.IndexFunc(have, func(s keys.Status) bool { return s.Algorithm == algorithm && s.State == keys.StatePending })
	if i < 0 {
		return keys.Status{}, false
	}
	return have[i], true
}

// hasActive says whether a key of the algorithm signs.
func hasActive(algorithm string, have []keys.Status) bool {
	return slices.ContainsFunc(have, func(s keys.Status) bool { return s.Algorithm == algorithm && s.State == keys.StateActive })
}

// due returns the algorithms whose signing key has served its time and that have
// no other one waiting.
func due(have []keys.Status, every time.Duration, now time.Time) []string {
	var algorithms []string
	for _, s := range have {
		_, waiting := pendingOf(s.Algorithm, have)
		if s.State == keys.StateActive && !waiting && every > 0 && now.Sub(s.CreatedAt) >= every {
			algorithms = append(algorithms, s.Algorithm)
		}
	}
	return algorithms
}

// spent returns the signing keys of which no token can be alive.
func spent(have []keys.Status, schedule keys.Schedule, now time.Time) []string {
	// A node that was cut off may have signed with a revoked key a while longer,
	// which PublishAhead allows for.
	after := schedule.PublishAhead + schedule.Retain
	var ids []string
	for _, s := range have {
		dead := !s.RevokedAt.IsZero() && !now.Before(s.RevokedAt.Add(after))
		if dead || s.State == keys.StateGone {
			ids = append(ids, s.ID)
		}
	}
	return ids
}
