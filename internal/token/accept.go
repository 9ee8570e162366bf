package token

import (
	"strconv"
	"strings"
)

// introspectionType is the media type of a signed introspection response.
const introspectionType = "application/token-introspection+jwt"

// prefersJWT reports whether an Accept header asks for the signed response
// rather than for plain JSON, which wins a tie and everything else.
//
// RFC 9701 §4: the resource server asks for a JWT with Accept.
func prefersJWT(accept string) bool {
	if accept == "" {
		return false
	}
	return quality(accept, introspectionType) > quality(accept, "application/json")
}

// quality is the weight that an Accept header gives to a media type, in
// thousandths.
//
// RFC 9110 §12.5.1: the most specific range that fits decides.
func quality(accept, mediaType string) int {
	found, specific := 0, 0
	for element := range strings.SplitSeq(accept, ",") {
		pattern, parameters, _ := strings.Cut(element, ";")
		precision := fits(strings.TrimSpace(pattern), mediaType)
		q := weight(parameters)
		if precision > specific || precision == specific && precision > 0 && q > found {
			found, specific = q, precision
		}
	}
	return found
}

// fits is 0 when the range does not hold the type, and more the narrower it is.
func fits(pattern, mediaType string) int {
	kind, _, _ := strings.Cut(mediaType, "/")
	switch {
	case strings.EqualFold(pattern, mediaType):
		return 3
	case strings.EqualFold(pattern, kind+"/*"):
		return 2
	case pattern == "*/*":
		return 1
	}
	return 0
}

// weight reads the parameter q in thousandths; one that is malformed counts for
// nothing, and other parameters do not matter to us.
//
// RFC 9110 §12.4.2: q is 0 to 1 with three digits at most; without it, it is 1.
func weight(parameters string) int {
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
		if !strings.EqualFold(name, "q") {
			continue
		}
		whole, digits, _ := strings.Cut(value, ".")
		if whole != "0" && whole != "1" || len(digits) > 3 {
			return 0
		}
		n, err := strconv.ParseUint(whole+(digits + "000")[:3], 10, 16)
		if err != nil || n > 1000 {
			return 0
		}
		return int(n)
	}
	return 1000
}
