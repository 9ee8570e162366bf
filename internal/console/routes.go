package console

import "github.com/grantd/grantd/internal/store"

// anyone is the role that nobody needs to have.
const anyone store.Role = ""

// route is one thing that can be done on the pages.
type route struct {
	method, path string
	// role is the least that may do it.
	role store.Role
	// guarded says that a credential must have been shown lately.
	guarded bool
	// secret says that the page shows a secret. It is not compressed: the length of what
	// is tells something of it.
	secret bool
	serve  func(*visit) error
}

// routes is all that can be done, and by whom. The mux is made of it.
func (c *Console) routes() []route {
	const v, d, a = store.Viewer, store.Developer, store.Admin
	return []route{
		{"GET", "/console/sign-in", anyone, false, false, (*visit).signInPage},
		{"POST", "/console/sign-in", anyone, false, false, (*visit).signIn},
		{"POST", "/console/sign-in/passkey/begin", anyone, false, false, (*visit).beginPasskeySignIn},
		{"POST", "/console/sign-in/passkey/finish", anyone, false, false, (*visit).finishPasskeySignIn},
		{"GET", "/console/welcome", anyone, false, true, (*visit).welcomePage},
		{"POST", "/console/welcome", anyone, false, true, (*visit).welcome},
		{"POST", "/console/welcome/passkey/begin", anyone, false, false, (*visit).beginPasskeyWelcome},
		{"POST", "/console/welcome/passkey/finish", anyone, false, false, (*visit).finishPasskeyWelcome},
		{"POST", "/console/theme", anyone, false, false, (*visit).setTheme},

		{"POST", "/console/sign-out", v, false, false, (*visit).signOut},
		{"POST", "/console/sign-out-everywhere", v, false, false, (*visit).signOutEverywhere},
		{"POST", "/console/confirm", v, true, false, (*visit).confirmedPage},
		{"POST", "/console/confirm/passkey/begin", v, false, false, (*visit).beginPasskeyConfirm},
		{"POST", "/console/confirm/passkey/finish", v, false, false, (*visit).finishPasskeyConfirm},
		{"GET", "/console/account", v, false, false, (*visit).accountPage},
		{"POST", "/console/account/passkey/begin", v, false, false, (*visit).beginPasskeyAccount},
		{"POST", "/console/account/passkey/finish", v, false, false, (*visit).finishPasskeyAccount},
		{"GET", "/console/account/password", v, true, true, (*visit).passwordPage},
		{"POST", "/console/account/password", v, true, true, (*visit).setPassword},
		{"POST", "/console/account/credentials/{id}/remove", v, true, false, (*visit).removeCredential},
		{"POST", "/console/account/sessions/{id}/end", v, false, false, (*visit).endSession},

		{"GET", "/console/{$}", v, false, false, (*visit).dashboard},
		{"GET", "/console/secrets", v, false, false, (*visit).secretsPage},
		{"GET", "/console/keys", v, false, false, (*visit).keysPage},
		{"GET", "/console/keys/new", d, true, false, (*visit).newKeyPage},
		{"POST", "/console/keys/new", d, true, true, (*visit).createKey},
		{"GET", importPath, d, true, false, (*visit).importPage},
		{"POST", importPath, d, true, true, (*visit).importKeys},
		{"POST", importPath + "/{import}/cancel", d, false, false, (*visit).cancelImport},
		{"GET", "/console/keys/{id}", v, false, false, (*visit).keyPage},
		{"GET", "/console/keys/{id}/edit", d, true, false, (*visit).editKeyPage},
		{"POST", "/console/keys/{id}/edit", d, true, false, (*visit).editKey},
		{"POST", "/console/keys/{id}/disable", d, false, false, (*visit).disableKey},
		{"POST", "/console/keys/{id}/enable", d, false, false, (*visit).enableKey},
		{"POST", "/console/keys/{id}/revoke", d, false, false, (*visit).revokeKey},
		{"POST", "/console/keys/{id}/rotate", d, true, true, (*visit).rotateKey},
		{"POST", "/console/keys/{id}/secrets/{secret}/retire", d, false, false, (*visit).retireSecret},
		{"POST", "/console/keys/{id}/delete", d, false, false, (*visit).deleteKey},
		{"GET", "/console/apis", v, false, false, (*visit).apisPage},
		{"GET", "/console/apis/new", a, false, false, (*visit).newAPIPage},
		{"POST", "/console/apis/new", a, false, false, (*visit).createAPI},
		{"GET", "/console/apis/{id}", v, false, false, (*visit).apiPage},
		{"POST", "/console/apis/{id}", a, true, false, (*visit).updateAPI},
		{"POST", "/console/apis/{id}/resource-servers", a, true, false, (*visit).addResourceServer},
		{"POST", "/console/apis/{id}/resource-servers/{key}/remove", a, true, false, (*visit).removeResourceServer},
		{"POST", "/console/apis/{id}/delete", a, true, false, (*visit).deleteAPI},
		{"GET", "/console/explain", v, false, false, (*visit).explainPage},
		{"POST", "/console/explain", v, false, true, (*visit).explainToken},
		{"GET", "/console/inspect", v, false, false, (*visit).inspectPage},
		{"POST", "/console/inspect", v, false, true, (*visit).inspect},
		{"GET", "/console/signing-keys", v, false, false, (*visit).signingKeysPage},
		{"POST", "/console/signing-keys/rotate", a, false, false, (*visit).rotateSigningKey},
		{"POST", "/console/signing-keys/{id}/revoke", a, true, false, (*visit).revokeSigningKey},
		{"GET", "/console/audit", v, false, false, (*visit).auditPage},
		{"POST", "/console/audit/verify", v, false, false, (*visit).verifyAudit},
		{"GET", "/console/audit/export", v, false, false, (*visit).exportAudit},
		{"GET", "/console/nodes", v, false, false, (*visit).nodesPage},
		{"GET", "/console/operators", a, false, false, (*visit).operatorsPage},
		{"POST", "/console/operators", a, true, true, (*visit).inviteOperator},
		{"POST", "/console/operators/{name}/role", a, true, false, (*visit).setOperatorRole},
		{"POST", "/console/operators/{name}/reset", a, true, true, (*visit).resetOperator},
		{"POST", "/console/operators/{name}/remove", a, true, false, (*visit).removeOperator},
	}
}
