package http1

import (
	"net/http"
	"strings"
)

const (
	// usualFields is how many fields nearly every request has at most.
	usualFields = 16
	// longestLength is how many digits a Content-Length has that is looked at here.
	longestLength = 5
)

// fields are the header fields of a request.
type fields struct {
	header http.Header
	host   string
	length int
	// hasLength says that length was sent.
	hasLength bool
	// values holds the values in the header, so that they need no room of their own.
	values [usualFields]string
	count  int
}

func (fs *fields) reset() {
	clear(fs.header)
	fs.host, fs.length, fs.hasLength, fs.count = "", 0, false, 0
}

// add takes a field line, and reports whether it is plain.
func (fs *fields) add(line string) bool {
	// RFC 9112 §5.1: no white space stands between the name and the colon.
	colon := strings.IndexByte(line, ':')
	if colon <= 0 || fs.count == usualFields {
		return false
	}
	name, ok := canonical(line[:colon])
	if !ok {
		return false
	}
	value := strings.Trim(line[colon+1:], " \t")
	if !isPrintable(value) {
		return false
	}
	switch name {
	case "Host":
		return fs.setHost(value)
	case "Content-Length":
		if !fs.setLength(value) {
			return false
		}
	case "Connection":
		// RFC 9112 §9.3: a connection persists unless told otherwise.
		if !strings.EqualFold(value, "keep-alive") {
			return false
		}
	// RFC 9112 §6.1: where there is a Transfer-Encoding, Content-Length does not count.
	case "Transfer-Encoding", "Expect", "Upgrade", "Trailer", "Te", "Pragma", "Proxy-Connection", "Http2-Settings":
		return false
	}
	fs.put(name, value)
	return true
}

func (fs *fields) put(name, value string) {
	i := fs.count
	fs.count++
	old, repeated := fs.header[name]
	if repeated {
		fs.header[name] = append(old, value)
		return
	}
	fs.values[i] = value
	fs.header[name] = fs.values[i : i+1 : i+1]
}

func (fs *fields) setHost(value string) bool {
	for i := range len(value) {
		c := value[i]
		if !isAlphanumeric(c) && c != '.' && c != '-' && c != ':' && c != '[' && c != ']' {
			return false
		}
	}
	first := fs.host == ""
	fs.host = value
	return first && value != ""
}

// setLength reads the length of the body.
//
// RFC 9112 §6.3: a Content-Length that is no number, or is there twice, is an error
// that cannot be recovered from.
func (fs *fields) setLength(value string) bool {
	if fs.hasLength || value == "" || len(value) > longestLength || len(value) > 1 && value[0] == '0' {
		return false
	}
	for i := range len(value) {
		c := value[i]
		if c < '0' || c > '9' {
			return false
		}
		fs.length = 10*fs.length + int(c-'0')
	}
	fs.hasLength = true
	return true
}

func isPrintable(value string) bool {
	for i := range len(value) {
		c := value[i]
		if (c < ' ' || c > '~') && c != '\t' {
			return false
		}
	}
	return true
}

// canonical returns the name as net/http writes it, and whether it is plain.
func canonical(name string) (string, bool) {
	usual, found := usualNames[name]
	if found {
		return usual, true
	}
	for i := range len(name) {
		if !isAlphanumeric(name[i]) && name[i] != '-' {
			return "", false
		}
	}
	return http.CanonicalHeaderKey(name), true
}

// usualNames are the names that clients send, as they write them.
var usualNames = spellings(
	"Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Connection", "Content-Length", "Content-Type",
	"Forwarded", "Host", "Origin", "Referer", "Traceparent", "User-Agent", "X-Forwarded-For", "X-Forwarded-Proto",
)

func spellings(names ...string) map[string]string {
	all := make(map[string]string, 2*len(names))
	for _, name := range names {
		all[name] = name
		all[strings.ToLower(name)] = name
	}
	return all
}
