//go:build wycheproof

package keys_test

// The vectors are in go.mod by this import, which is never built: the package embeds a
// hundred megabytes, of which the tests read a few files.
import _ "github.com/c2sp/wycheproof"
