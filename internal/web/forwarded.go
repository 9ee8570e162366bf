package web

import (
	"net/netip"
	"strings"
)

// cutComma takes the last element off a list without quotes.
func cutComma(list string) (before, last string) {
	i := strings.LastIndexByte(list, ',')
	if i < 0 {
		return "", list
	}
	return list[:i], list[i+1:]
}

// cutElement takes the last element off a list of RFC 7239. It reads from the end:
// what a client wrote at the beginning, a quote that nobody closed say, cannot
// change what a proxy appended to it.
func cutElement(list string) (before, last string) {
	for i := len(list) - 1; i >= 0; i-- {
		switch list[i] {
		case ',':
			return list[:i], list[i+1:]
		case '"':
			i = openingQuote(list[:i])
		}
	}
	return "", list
}

// openingQuote returns where the quoted string begins that ends after s, or -1.
func openingQuote(s string) int {
	for {
		i := strings.LastIndexByte(s, '"')
		if i < 0 {
			return -1
		}
		s = s[:i]
		// RFC 9110 §5.6.4: a backslash makes a quote part of the string, unless another
		// one makes the backslash so.
		backslashes := len(s) - len(strings.TrimRight(s, `\`))
		if backslashes%2 == 0 {
			return i
		}
	}
}

// forwardedAddress reads an element such as for="[2001:db8::1]:4711";proto=https.
func forwardedAddress(element string) (netip.Addr, bool) {
	var node string
	for {
		// RFC 7239 §4: parts between two semicolons may be empty.
		element = strings.TrimLeft(element, "; \t")
		if element == "" {
			return nodeAddress(node)
		}
		name, rest, isPair := strings.Cut(element, "=")
		if !isPair {
			return netip.Addr{}, false
		}
		value, rest, ok := cutValue(rest)
		if !ok {
			return netip.Addr{}, false
		}
		element = rest
		// RFC 7239 §4: names of parameters are matched in any case.
		if !strings.EqualFold(strings.TrimSpace(name), "for") {
			continue
		}
		// RFC 7239 §4: a parameter stands in an element once.
		if node != "" {
			return netip.Addr{}, false
		}
		node = value
	}
}

// cutValue takes the value of a parameter off what follows its equals sign.
func cutValue(text string) (value, rest string, ok bool) {
	if !strings.HasPrefix(text, `"`) {
		value, rest, _ = strings.Cut(text, ";")
		return strings.TrimSpace(value), rest, !strings.Contains(value, `"`)
	}
	value, rest, ok = cutQuoted(text[1:])
	rest = strings.TrimLeft(rest, " \t")
	return value, rest, ok && (rest == "" || rest[0] == ';')
}

// cutQuoted takes a quoted string off what follows its opening quote.
func cutQuoted(text string) (value, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			return b.String(), text[i+1:], true
		case '\\':
			i++
		}
		if i < len(text) {
			b.WriteByte(text[i])
		}
	}
	return "", "", false
}
