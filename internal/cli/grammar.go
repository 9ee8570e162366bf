package cli

import (
	"cmp"

	"github.com/grantd/grantd/internal/admin"
)

// grammar is the command line: one field per command.
type grammar struct {
	Serve      serveCmd       `cmd:"" help:"Run the server."`
	Migrate    migrateCmd     `cmd:"" help:"Bring the schema of the database up to date."`
	API        apiCmds        `cmd:"" name:"api" help:"Manage the APIs that tokens are for."`
	Key        keyCmds        `cmd:"" help:"Manage API keys."`
	AdminKey   adminKeyCmds   `cmd:"" name:"admin-key" help:"Make keys for the Admin API."`
	Scope      scopeCmds      `cmd:"" help:"Look at what scopes allow."`
	Apply      applyCmd       `cmd:"" help:"Make the APIs and keys what a file says."`
	Export     exportCmd      `cmd:"" help:"Print the file that grantd apply takes."`
	Revoke     revokeCmds     `cmd:"" help:"End tokens before they expire."`
	SigningKey signingKeyCmds `cmd:"" name:"signing-key" help:"Manage the keys that sign tokens."`
	Token      tokenCmd       `cmd:"" help:"Fetch an access token with a key."`
	Inspect    inspectCmd     `cmd:"" help:"Show what is in a token and verify it."`
	Audit      auditCmds      `cmd:"" help:"Look at the audit trail."`
	Operator   operatorCmds   `cmd:"" help:"Manage the people who use the console."`
	Backup     backupCmd      `cmd:"" help:"Copy the SQLite database, while a server runs or not."`
	Restore    restoreCmd     `cmd:"" help:"Put a backup in the place of the SQLite database."`
	Epoch      epochCmds      `cmd:"" help:"Say that a database was put back to an earlier state."`
	MasterKey  masterKeyCmds  `cmd:"" name:"master-key" help:"Go on when the master key was lost."`
	Config     configCmds     `cmd:"" help:"Look at the configuration."`
	Completion completionCmd  `cmd:"" help:"Print the completion script of a shell."`
	Version    versionCmd     `cmd:"" help:"Print the version."`
}

type apiCmds struct {
	Create         apiCreateCmd          `cmd:"" help:"Create an API."`
	List           apiListCmd            `cmd:"" help:"List the APIs."`
	Show           apiShowCmd            `cmd:"" help:"Show an API."`
	Update         apiUpdateCmd          `cmd:"" help:"Change an API."`
	Delete         apiDeleteCmd          `cmd:"" help:"Delete an API and end its tokens."`
	ResourceServer apiResourceServerCmds `cmd:"" name:"resource-server" help:"Say who may introspect the tokens of an API."`
}

type apiResourceServerCmds struct {
	Add    apiResourceServerAddCmd    `cmd:"" help:"Let a key introspect the tokens of an API."`
	Remove apiResourceServerRemoveCmd `cmd:"" help:"No longer let a key introspect them."`
}

type keyCmds struct {
	Create  keyCreateCmd  `cmd:"" help:"Create a key and print its secret, once."`
	List    keyListCmd    `cmd:"" help:"List the keys."`
	Show    keyShowCmd    `cmd:"" help:"Show a key."`
	Usage   keyUsageCmd   `cmd:"" help:"Show what a key was used for."`
	Update  keyUpdateCmd  `cmd:"" help:"Change what a key may do."`
	Disable keyDisableCmd `cmd:"" help:"Disable a key; it gets no tokens, and those it has are refused."`
	Enable  keyEnableCmd  `cmd:"" help:"Enable a key that was disabled."`
	Delete  keyDeleteCmd  `cmd:"" help:"Delete a key for good."`
	Secret  keySecretCmds `cmd:"" help:"Manage the secrets of a key."`
}

type scopeCmds struct {
	Explain scopeExplainCmd `cmd:"" help:"Say why a key gets a token or not, or what a token is good for."`
}

type adminKeyCmds struct {
	Create adminKeyCreateCmd `cmd:"" help:"Create a key for the Admin API and print its secret, once."`
}

type keySecretCmds struct {
	Add    keySecretAddCmd    `cmd:"" help:"Give a key one more secret and print it, once."`
	List   keySecretListCmd   `cmd:"" help:"List the secrets of a key and say which may go."`
	Retire keySecretRetireCmd `cmd:"" help:"End a secret, now or later."`
}

type revokeCmds struct {
	Token revokeTokenCmd `cmd:"" help:"End a token; a refresh token with its whole family."`
	Key   revokeKeyCmd   `cmd:"" help:"End the tokens of a key."`
	API   revokeAPICmd   `cmd:"" name:"api" help:"End the tokens for an API."`
	All   revokeAllCmd   `cmd:"" help:"End the tokens of all keys."`
}

type signingKeyCmds struct {
	List   signingKeyListCmd   `cmd:"" help:"List the signing keys and what state each is in."`
	Rotate signingKeyRotateCmd `cmd:"" help:"Make a new signing key that takes over."`
	Revoke signingKeyRevokeCmd `cmd:"" help:"End a stolen signing key and every token it signed."`
}

type operatorCmds struct {
	List   operatorListCmd   `cmd:"" help:"List the operators."`
	Invite operatorInviteCmd `cmd:"" help:"Add an operator and print the link for them, once."`
	Role   operatorRoleCmd   `cmd:"" help:"Change what an operator may do."`
	Reset  operatorResetCmd  `cmd:"" help:"Take away what an operator signs in with, and print a new link."`
	Remove operatorRemoveCmd `cmd:"" help:"Remove an operator."`
}

type configCmds struct {
	Print configPrintCmd `cmd:"" help:"Print the settings in effect and where each came from."`
	Check configCheckCmd `cmd:"" help:"Check the configuration without starting anything."`
}

// serverFlags say which running server a command talks to.
type serverFlags struct {
	Data word `placeholder:"DIR" help:"Data directory of the running server. Without it, GRANTD_DATA_DIR or ./grantd-data."`
}

func (f serverFlags) client(a *app) *admin.Client {
	return admin.NewClient(cmp.Or(string(f.Data), a.lookup("GRANTD_DATA_DIR"), "./grantd-data"))
}
