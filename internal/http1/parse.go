package http1

import (
	"bytes"
	"strings"
)

// head is what stands before the body of a plain request.
type head struct {
	path string
	// size is that of the head itself, and length that of the body after it.
	size, length int
}

const (
	startOfRequest = "POST "
	endOfRequest   = " HTTP/1.1"
)

// parseHead reads the head of a request into fs, and reports whether it is there in
// full and plain. The texts it returns share no memory with b.
func parseHead(b []byte, fs *fields) (head, bool) {
	end := bytes.Index(b, []byte("\r\n\r\n"))
	if end < 0 {
		return head{}, false
	}
	h := head{size: end + len("\r\n\r\n")}
	text := string(b[:end+len("\r\n")])
	var line string
	line, text = cutLine(text)
	// RFC 9112 §3: a request line is the method, the target and the version, with one
	// space between them.
	path, ok := strings.CutPrefix(line, startOfRequest)
	if !ok {
		return head{}, false
	}
	h.path, ok = strings.CutSuffix(path, endOfRequest)
	if !ok || !isPlainPath(h.path) {
		return head{}, false
	}
	fs.reset()
	for text != "" {
		line, text = cutLine(text)
		if !fs.add(line) {
			return head{}, false
		}
	}
	h.length = fs.length
	// RFC 9112 §3.2: a request without Host, or with two, is a bad one.
	return h, fs.host != "" && fs.hasLength
}

// cutLine returns the first line of a text, which ends in CRLF, and what comes after
// it. A carriage return by itself makes it empty, which no plain line is; a line feed by
// itself stays in the line, where nobody takes it for printable.
func cutLine(text string) (line, after string) {
	end := strings.IndexByte(text, '\r')
	if text[end+1] != '\n' {
		return "", ""
	}
	return text[:end], text[end+len("\r\n"):]
}

// isPlainPath reports whether a path stands for itself: no query, nothing escaped, no
// authority, and no segment that means another one.
func isPlainPath(path string) bool {
	if path == "" || path[0] != '/' {
		return false
	}
	for i := range len(path) {
		c := path[i]
		if !isAlphanumeric(c) && c != '/' && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return !strings.Contains(path, "//") && !strings.Contains(path, "/.")
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
