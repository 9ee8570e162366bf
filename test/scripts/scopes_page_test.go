package scripts

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/grantd/grantd/test/blackbox"
)

// documentedData is the data directory of the page about scopes, which needs a
// server that has no catalogue yet.
const documentedData = "/var/lib/grantd"

// TestScopesPage is [TestDocuments] for the page about scopes: on a new server, in
// a checkout.
func TestScopesPage(t *testing.T) {
	server := blackbox.Start(t, blackbox.Options{})
	r := readerOf(t, server)
	r.learn(documentedData, server.Options.Data)
	err := os.Symlink(filepath.Join(blackbox.Root(t), "examples"), filepath.Join(r.dir, "examples"))
	if err != nil {
		t.Fatal(err)
	}
	r.read(t, "docs/scopes.md")
}
