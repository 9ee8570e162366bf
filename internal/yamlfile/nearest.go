package yamlfile

import (
	"strconv"
	"strings"
	"unicode"
)

// DidYouMean returns the end of a sentence about an unknown name, or "" when
// nothing resembles it.
func DidYouMean(word string, names []string) string {
	near, found := Nearest(word, names)
	if !found {
		return ""
	}
	return "; did you mean " + near + "?"
}

// Nearest returns the name most like word, if one is like it at all.
func Nearest(word string, names []string) (string, bool) {
	const longest = 64 // no name is; a longer word is not worth the time
	word = strings.ToLower(word)
	if word == "" || len(word) > longest {
		return "", false
	}
	best, least := "", 2+len(word)/3
	for _, name := range names {
		d := unlikeness(word, name)
		if d < least {
			best, least = name, d
		}
	}
	return best, best != ""
}

// unlikeness is the edit distance, but names that begin alike ("cert" for
// "cert_file") and names that are right in the wrong section are close too.
func unlikeness(word, name string) int {
	d := distance(word, name)
	wordBase := word[strings.LastIndex(word, ".")+1:]
	nameBase := name[strings.LastIndex(name, ".")+1:]
	d = min(d, 1+distance(wordBase, nameBase))
	if len(wordBase) > 2 && strings.HasPrefix(nameBase, wordBase) {
		d = min(d, 1)
	}
	return d
}

// distance is the Levenshtein distance of two short strings.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			substitute := diagonal
			if a[i] != b[j] {
				substitute++
			}
			diagonal = row[j+1]
			row[j+1] = min(substitute, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// Shown returns a name for a message: as it is, or quoted and cut when it could
// break the line.
func Shown(name string) string {
	const longest = 200
	if name != "" && len(name) <= longest && !strings.ContainsFunc(name, Invisible) {
		return name
	}
	return strconv.Quote(name[:min(len(name), longest)])
}

// Invisible is true of what cannot be printed, a byte that is not UTF-8 included.
func Invisible(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }
