package assertion

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// claims are those that an assertion is judged by.
type claims struct {
	issuer, subject, id string
	audience            []string
	expires             time.Time
	// issued and notBefore are zero when they are not there.
	issued, notBefore time.Time
}

// written are the claims as they stand in the JSON. Names are matched letter by
// letter, and a member that is there twice is refused: two readers could disagree
// about which one counts.
type written struct {
	Issuer    string         `json:"iss"`
	Subject   string         `json:"sub"`
	Audience  jsontext.Value `json:"aud"`
	Expires   jsontext.Value `json:"exp"`
	NotBefore jsontext.Value `json:"nbf"`
	IssuedAt  jsontext.Value `json:"iat"`
	ID        string         `json:"jti"`
}

var (
	errClaims   = errors.New("its claims are not a JSON object, or one is of the wrong kind or there twice")
	errDate     = errors.New("exp, iat or nbf is not a number of seconds")
	errNoExpiry = errors.New("exp is missing")
	errAudience = errors.New("aud is missing, or neither a string nor a list of strings")
)

// RFC 7519 §4: claim names in a JWT are unique.
func readClaims(payload []byte) (claims, error) {
	var w written
	err := json.Unmarshal(payload, &w)
	// null would pass for an object without members.
	if err != nil || jsontext.Value(payload).Kind() != '{' {
		return claims{}, errClaims
	}
	c := claims{issuer: w.Issuer, subject: w.Subject, id: w.ID}
	c.audience, err = readAudience(w.Audience)
	if err != nil {
		return claims{}, err
	}
	// RFC 7523 §3: exp is required.
	if len(w.Expires) == 0 {
		return claims{}, errNoExpiry
	}
	for _, date := range []struct {
		from jsontext.Value
		to   *time.Time
	}{{w.Expires, &c.expires}, {w.NotBefore, &c.notBefore}, {w.IssuedAt, &c.issued}} {
		if len(date.from) == 0 {
			continue
		}
		*date.to, err = readDate(date.from)
		if err != nil {
			return claims{}, err
		}
	}
	return c, nil
}

// RFC 7519 §4.1.3: aud is a string, or a list of strings.
func readAudience(from jsontext.Value) ([]string, error) {
	const most = 8
	var list []string
	switch from.Kind() {
	case '"':
		var one string
		err := json.Unmarshal(from, &one)
		if err != nil {
			return nil, errAudience
		}
		return []string{one}, nil
	case '[':
		// null among the strings would read as an empty one, which nobody is.
		err := json.Unmarshal(from, &list)
		if err != nil || len(list) == 0 || len(list) > most || slices.Contains(list, "") {
			return nil, errAudience
		}
		return list, nil
	default:
		return nil, errAudience
	}
}

// latest is the end of the year 9999, far beyond what anything is compared with.
const latest = 253402300799

// RFC 7519 §2: a NumericDate is a number of seconds, not a text, and may have a
// fraction.
func readDate(from jsontext.Value) (time.Time, error) {
	const digits = 32
	if from.Kind() != '0' || len(from) > digits {
		return time.Time{}, errDate
	}
	seconds, err := strconv.ParseFloat(string(from), 64)
	if err != nil || !(seconds >= 0 && seconds <= latest) {
		return time.Time{}, errDate
	}
	return time.UnixMilli(int64(seconds * 1000)).UTC(), nil
}
