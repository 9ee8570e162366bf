package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/test/blackbox"
)

// smoke are the clients and the verifier that make test runs; make interop runs all.
var smoke = []string{
	"shell/curl", "shell/httpie", "go/x-oauth2-auto", "go/zitadel-oidc", "python/authlib-requests", "python/moovio-sdk",
	"go/golang-jwt-keyfunc",
}

func TestSomeClientsAndAVerifier(t *testing.T) {
	root := blackbox.Root(t)
	pattern := regexp.MustCompile("^(" + strings.Join(smoke, "|") + ")/")
	m := &matrix{
		root: root, dir: filepath.Join(root, "test", "interop"), only: pattern, jobs: 2,
		limit: time.Minute, patience: 35 * time.Second, setUp: runSetup, out: t.Output(),
	}
	rep, err := m.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range rep.faults {
		t.Error(fault)
	}
	ran := map[string]bool{}
	for _, r := range rep.results {
		ran[r.row.ecosystem+"/"+r.row.slug] = true
		t.Run(r.row.path(r.feature), func(t *testing.T) {
			red := r.red()
			if red != nil {
				t.Errorf("declared %q, got %v\n%s", r.row.Features[r.feature], red, r.evidence)
			}
		})
	}
	for _, path := range smoke {
		if !ran[path] {
			t.Errorf("%s was not run", path)
		}
	}
}
