package token

import (
	"encoding/binary"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// refreshHandle is what a refresh token says, under its seal.
type refreshHandle struct {
	// family and generation say which token of which family it is; the first is 0.
	family     store.TokenID
	generation int64
	clientID   string
	// scopes and resources are what the first token of the family was asked for
	// and got; they stay, whatever a refresh narrows.
	scopes, resources []string
	// started is when the family began, issued when this token was made.
	started, issued time.Time
	// expires is the end of the family, all generations together.
	expires time.Time
	// idle is within what time of issued it must be used; zero sets no limit.
	idle time.Duration
	// mode is that of the key when the family began.
	mode store.Mode
}

// refreshVersion is the first byte of the payload. Version 2 has no mode.
const refreshVersion = 3

// encode writes the payload; the times have the precision of a millisecond.
func (h *refreshHandle) encode() []byte {
	b := make([]byte, 0, 256)
	b = append(b, refreshVersion)
	b = append(b, h.family[:]...)
	b = binary.AppendUvarint(b, uint64(h.generation)) //nolint:gosec // counted from 0
	b = appendTime(b, h.started)
	b = appendTime(b, h.issued)
	b = appendTime(b, h.expires)
	b = binary.AppendVarint(b, h.idle.Milliseconds())
	b = appendText(b, h.clientID)
	b = appendText(b, strings.Join(h.scopes, " "))
	b = appendText(b, strings.Join(h.resources, " "))
	return appendModeFlag(b, h.mode)
}

func decodeRefreshHandle(plain []byte) (refreshHandle, error) {
	p := open(plain, refreshVersion)
	h := refreshHandle{
		family:     p.id(),
		generation: int64(p.unsigned()), //nolint:gosec // checked below
		started:    p.time(),
		issued:     p.time(),
		expires:    p.time(),
		idle:       p.duration(),
		clientID:   p.text(),
		scopes:     strings.Fields(p.text()),
		resources:  strings.Fields(p.text()),
		mode:       p.mode(refreshVersion),
	}
	if !p.ended() || h.generation < 0 || h.idle < 0 {
		return refreshHandle{}, errPayload
	}
	return h, nil
}

// next is the handle of the generation after this one, made at this time.
func (h *refreshHandle) next(at time.Time) refreshHandle {
	child := *h
	child.generation++
	child.issued = at
	return child
}

// revocation ends the family. Its last access token may be made just before the
// family expires, and is to stay dead for as long as it would have lived.
func (h *refreshHandle) revocation() store.Revocation {
	return store.Revocation{ID: h.family, ExpiresAt: h.expires.Add(store.LongestAccessToken)}
}
