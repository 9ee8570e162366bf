package cli

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/manifest"
)

// printToken shows the header and the claims: the usual ones first, in the
// order in which people ask for them.
func printToken(a *app, seen *keys.Inspected) {
	fmt.Fprintln(a.stdout, "header")
	printFields(a.stdout, describe(a, seen.Header, "alg", "typ", "kid"))
	fmt.Fprintln(a.stdout, "\nclaims")
	printFields(a.stdout, describe(a, seen.Claims, "mode", "iss", "sub", "client_id", "aud", "scope", "iat", "nbf", "exp", "jti"))
	fmt.Fprintln(a.stdout)
}

func describe(a *app, members map[string]any, first ...string) [][2]string {
	var fields [][2]string
	for _, name := range first {
		value, there := members[name]
		if there {
			fields = append(fields, [2]string{name, describeValue(a, name, value)})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !slices.Contains(first, name) {
			fields = append(fields, [2]string{name, describeValue(a, name, members[name])})
		}
	}
	return fields
}

func describeValue(a *app, name string, value any) string {
	text, ok := value.(string)
	if ok {
		return text
	}
	if slices.Contains([]string{"iat", "nbf", "exp", "auth_time"}, name) {
		at, ok := claimTime(value)
		if ok {
			return fmt.Sprintf("%v  %s, %s", value, printTime(at), relative(a.now(), at))
		}
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(encoded)
}

// claimTime reads a NumericDate.
func claimTime(value any) (time.Time, bool) {
	number, ok := value.(json.Number)
	if !ok {
		return time.Time{}, false
	}
	// RFC 7519 §2: a NumericDate may have a fraction.
	seconds, err := number.Float64()
	const most = 253402300799 // the last second of the year 9999
	if err != nil || seconds < 0 || seconds > most {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0), true
}

// relative says how far away a time is, over some days only to the hour.
func relative(now, at time.Time) string {
	d := at.Sub(now)
	unit := time.Second
	if d.Abs() >= 2*day {
		unit = time.Hour
	}
	d = d.Round(unit)
	if d == 0 {
		return "now"
	}
	if d < 0 {
		return manifest.FormatDuration(-d) + " ago"
	}
	return "in " + manifest.FormatDuration(d)
}
