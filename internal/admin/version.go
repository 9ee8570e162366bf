package admin

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
)

// hashBytes is how much of a hash a version has for each field.
const hashBytes = 6

// versionOf names the state of a record: a short hash of each field, so that two versions
// tell which fields differ.
func versionOf(fields []field) string {
	var all []byte
	for _, f := range fields {
		all = append(all, hashOf(f)...)
	}
	return base64.RawURLEncoding.EncodeToString(all)
}

func hashOf(f field) []byte {
	h := sha256.New()
	_, _ = io.WriteString(h, f.name) // a hash takes everything
	for _, text := range append([]string{f.text}, f.list...) {
		_, _ = fmt.Fprintf(h, "\n%d:%s", len(text), text)
	}
	return h.Sum(nil)[:hashBytes]
}

// ChangedSince says that a record is not any more what the caller has seen.
type ChangedSince struct {
	// Differences are the fields that changed since, as they are now and as the request
	// would make them.
	Differences []VersionDifference
}

// VersionDifference is one field that changed since the caller has seen it.
type VersionDifference struct {
	Field  string `json:"field"`
	Now    string `json:"now"`
	Wanted string `json:"wanted"`
	// Untouched says that the request leaves the field as the caller has seen it, and
	// Agreed that it would make it what it is by now.
	Untouched bool `json:"-"`
	Agreed    bool `json:"-"`
}

// Error says which fields changed.
func (c *ChangedSince) Error() string {
	var names []string
	for _, d := range c.Differences {
		names = append(names, d.Field)
	}
	if len(names) == 0 {
		return "the version is none that this record ever had"
	}
	return "changed since then: " + strings.Join(names, ", ")
}

// checkVersion compares the version that the caller has seen with the fields as they are;
// wanted are the fields as the request would make them.
func checkVersion(version string, now, wanted []field) error {
	if version == "" || version == versionOf(now) {
		return nil
	}
	changed := &ChangedSince{}
	seen, err := base64.RawURLEncoding.DecodeString(version)
	if err != nil || len(seen) != len(now)*hashBytes {
		return changed
	}
	for i, f := range now {
		then, is, asked := string(seen[i*hashBytes:(i+1)*hashBytes]), string(hashOf(f)), string(hashOf(wanted[i]))
		if is != then {
			changed.Differences = append(changed.Differences, VersionDifference{f.name, f.shown(), wanted[i].shown(), asked == then, asked == is})
		}
	}
	return changed
}

func (f field) shown() string {
	if f.text != "" {
		return short(f.text)
	}
	return short(strings.Join(f.list, ", "))
}
