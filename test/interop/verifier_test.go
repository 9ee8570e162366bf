package main

import "testing"

func TestJudgeOfVerifiersNotices(t *testing.T) {
	all := map[string]string{
		"ES256": works, "tampered": works, "expired": works, "audience": works, "issuer": works, "rotation": works,
	}
	tests := []struct{ verifier, feature, want string }{
		{"honest", "ES256", ""},
		{"honest", "tampered", ""},
		{"honest", "expired", ""},
		{"honest", "audience", ""},
		{"honest", "issuer", ""},
		{"honest", "rotation", ""},
		{"believes", "ES256", ""},
		{"believes", "tampered", "it accepts a token with a changed signature"},
		{"believes", "expired", "it accepts the same token a second after its end"},
		{"believes", "audience", "it accepts a token for another audience"},
		{"believes", "issuer", "it accepts a token of another issuer"},
		{"believes", "rotation", ""},
		{"doubts", "ES256", "it refuses a good token: I doubt it"},
		{"doubts", "tampered", "it never got so far"},
		{"doubts", "rotation", "it never got so far"},
		{"dies", "ES256", "it ended when it was shown a good token"},
		{"misreads", "ES256", `it reports sub "somebody"`},
		{"lingers", "ES256", "it did not end at the end of its input"},
		{"stubborn", "rotation", "it refuses a token of the new key: unknown key"},
	}
	dir := t.TempDir()
	for _, name := range []string{"honest", "believes", "doubts", "dies", "misreads", "stubborn", "lingers"} {
		row := fakeRow(t, name, all, verifierFeatureNames())
		if name == "lingers" {
			row = fakeRow(t, name, map[string]string{"ES256": works}, verifierFeatureNames())
		}
		row["run"] = []string{"bash", "{root}/test/interop/testdata/fake_verifier.sh", name}
		if name == "doubts" {
			declared(row)["rotation"] = "fails: it doubts"
		}
		row["typ"], row["algorithms"] = "any", []string{"ES256"}
		writeRow(t, dir, "verifier.json", row)
	}
	rep, err := newMatrix(t, dir).run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range rep.faults {
		t.Error(fault)
	}
	for _, test := range tests {
		t.Run(test.verifier+" "+test.feature, func(t *testing.T) {
			expectRed(t, find(t, rep, test.verifier, test.feature), test.want)
		})
	}
}
