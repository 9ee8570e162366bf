package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/manifest"
)

const day = 24 * time.Hour

// lifetime is a flag such as 90s, 15m, 1h or 90d.
type lifetime time.Duration

// UnmarshalText reads a duration of whole seconds.
func (l *lifetime) UnmarshalText(text []byte) error {
	d, err := manifest.ParseDuration(string(text))
	if err != nil {
		return err
	}
	*l = lifetime(d)
	return nil
}

func (l lifetime) seconds() admin.Seconds { return admin.Seconds(time.Duration(l) / time.Second) }

// instant is a flag that names a point in time: 2027-01-31T18:00:00Z, or a date
// for its first moment here.
type instant time.Time

// UnmarshalText reads RFC 3339, or a date alone.
func (i *instant) UnmarshalText(text []byte) error {
	at, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		at, err = time.ParseInLocation(time.DateOnly, string(text), time.Local)
	}
	// The first instant there is stands for a flag that is not there.
	if err != nil || at.IsZero() {
		return fmt.Errorf("%q is not a time; write it like 2027-01-31T18:00:00Z, or 2027-01-31", text)
	}
	*i = instant(at)
	return nil
}

// given returns the point in time, or nil when the flag is not there.
func (i instant) given() *time.Time {
	at := time.Time(i)
	if at.IsZero() {
		return nil
	}
	return &at
}

// splitScopes takes each value apart at its spaces; a comma is part of a scope.
func splitScopes(values []string) []string {
	var scopes []string
	for _, value := range values {
		scopes = append(scopes, strings.Fields(value)...)
	}
	return scopes
}

// word is a value that is never empty, which is what a script gives with a
// variable that is not set: the command would take it for a flag left out and do
// more, or on another server, than was meant.
type word string

// UnmarshalText takes any text but the empty one.
func (w *word) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return errors.New("it is empty; is a variable not set")
	}
	*w = word(text)
	return nil
}
