package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/admin"
)

// lifetime is a flag such as 90s, 15m or 1h.
type lifetime time.Duration

// UnmarshalText reads a duration of whole seconds.
func (l *lifetime) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is not a duration; write it like 90s, 15m or 1h", text)
	}
	if d%time.Second != 0 || d <= 0 {
		return errors.New("it must be a positive number of whole seconds; write it like 90s, 15m or 1h")
	}
	*l = lifetime(d)
	return nil
}

func (l lifetime) seconds() admin.Seconds { return admin.Seconds(time.Duration(l) / time.Second) }

// splitScopes takes each value apart at its spaces; a comma is part of a scope.
func splitScopes(values []string) []string {
	var scopes []string
	for _, value := range values {
		scopes = append(scopes, strings.Fields(value)...)
	}
	return scopes
}

// identifier names a key or an API. It is never empty, which is what a script
// gives with a variable that is not set.
type identifier string

// UnmarshalText takes any text but the empty one.
func (i *identifier) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return errors.New("it is empty; is a variable not set")
	}
	*i = identifier(text)
	return nil
}
