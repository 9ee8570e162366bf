package scope

import "slices"

// Covers reports whether whoever is granted held is granted all of wanted, too: it is the
// same definition with the same values or fewer. What cannot be read covers nothing and
// is covered by nothing.
func Covers(held, wanted string) bool {
	have, err := parseSegments(held, "grant", maxGrantBytes)
	if err != nil {
		return false
	}
	want, err := parseSegments(wanted, "grant", maxGrantBytes)
	return err == nil && slices.EqualFunc(have, want, covers)
}

func covers(have, want segment) bool {
	switch {
	case !have.parameter:
		return !want.parameter && have.text == want.text
	case !want.parameter:
		// One value in place of the parameter.
		return slug(want.text) && (have.values == nil || slices.Contains(have.values, want.text))
	case have.text != want.text:
		return false
	case have.values == nil:
		return true
	case want.values == nil:
		return false
	}
	return !slices.ContainsFunc(want.values, func(v string) bool { return !slices.Contains(have.values, v) })
}
