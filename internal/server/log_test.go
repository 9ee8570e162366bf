package server_test

import (
	"strings"
	"testing"
)

func TestTheLogSaysWhyARequestWasRefused(t *testing.T) {
	i := start(t, nil)
	i.form(t, grantForm+"&scope=misplaced-secret")
	i.do(t, request{contentType: formType, body: grantForm, user: i.Demo.Plain.ClientID, password: "wrong-secret"})
	i.do(t, request{contentType: formType, body: grantForm, user: "pasted-secret", password: "wrong-secret"})
	log := i.log.String()
	for _, want := range []string{
		`"client_id":"` + i.Demo.Plain.ClientID + `","grant_type":"client_credentials","error":"invalid_scope"}`,
		`"claimed_client_id":"` + i.Demo.Plain.ClientID + `","error":"invalid_client","sentence":"client authentication failed`,
	} {
		if !strings.Contains(log, want) {
			t.Errorf("there is no %s in the log:\n%s", want, log)
		}
	}
	for _, never := range []string{"pasted-secret", "wrong-secret", "misplaced-secret"} {
		if strings.Contains(log, never) {
			t.Errorf("the log holds %s", never)
		}
	}
}
