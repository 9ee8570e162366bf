package admin

import (
	"crypto/hmac"
	"encoding/base64"
	"fmt"

	"github.com/go-json-experiment/json"
)

const (
	defaultSearchSize = 50
	maxSearchSize     = 200

	// macBytes is how much of the keyed hash a cursor carries: nobody guesses it.
	macBytes = 16
)

// seal makes a cursor of a place in a list. It holds good for the list that was asked
// for only: what is asked goes into the hash.
func (u *UseCases) seal(list any, place any) (string, error) {
	text, err := json.Marshal(place, json.Deterministic(true))
	if err != nil {
		return "", fmt.Errorf("encode a cursor: %w", err)
	}
	mac, err := u.cursorMAC(list, text)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(append(mac, text...)), nil
}

// open reads a cursor of the same list. One that is forged or of another list is
// refused before anything of it is read.
func (u *UseCases) open(list any, cursor string, place any) error {
	const hint = "take it from next of the page before, and ask for the same list; leave it out to begin at the first"
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(sealed) < macBytes {
		return badQuery("cursor", "the cursor is not one of this server", hint)
	}
	mac, err := u.cursorMAC(list, sealed[macBytes:])
	if err != nil {
		return err
	}
	if !hmac.Equal(mac, sealed[:macBytes]) {
		return badQuery("cursor", "the cursor is not one of this server, or of another list", hint)
	}
	err = json.Unmarshal(sealed[macBytes:], place)
	if err != nil {
		return badQuery("cursor", "the cursor is of another version of this server", hint)
	}
	return nil
}

func (u *UseCases) cursorMAC(list any, place []byte) ([]byte, error) {
	asked, err := json.Marshal(list, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encode what a cursor is for: %w", err)
	}
	// Two lists may be asked for in the same words.
	data := fmt.Appendf(asked, "\n%T\n", list)
	mac := u.Derive("admin cursor", append(data, place...))
	return mac[:macBytes], nil
}

// checkLimit returns how many items a page of a search has.
func checkLimit(limit int) (int, error) {
	if limit == 0 {
		return defaultSearchSize, nil
	}
	if limit < 1 || limit > maxSearchSize {
		return 0, badQuery("limit", "the limit is not a number of items", fmt.Sprintf("use a number from 1 to %d", maxSearchSize))
	}
	return limit, nil
}
