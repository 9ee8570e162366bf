package cli

import (
	"cmp"

	"github.com/grantd/grantd/internal/admin"
)

// grammar is the command line: one field per command.
type grammar struct {
	Serve      serveCmd      `cmd:"" help:"Run the server."`
	API        apiCmds       `cmd:"" name:"api" help:"Manage the APIs that tokens are for."`
	Key        keyCmds       `cmd:"" help:"Manage API keys."`
	Token      tokenCmd      `cmd:"" help:"Fetch an access token with a key."`
	Inspect    inspectCmd    `cmd:"" help:"Show what is in a token and verify it."`
	Audit      auditCmds     `cmd:"" help:"Look at the audit trail."`
	Config     configCmds    `cmd:"" help:"Look at the configuration."`
	Completion completionCmd `cmd:"" help:"Print the completion script of a shell."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

type apiCmds struct {
	Create apiCreateCmd `cmd:"" help:"Create an API."`
	List   apiListCmd   `cmd:"" help:"List the APIs."`
	Show   apiShowCmd   `cmd:"" help:"Show an API."`
}

type keyCmds struct {
	Create  keyCreateCmd  `cmd:"" help:"Create a key and print its secret, once."`
	List    keyListCmd    `cmd:"" help:"List the keys."`
	Show    keyShowCmd    `cmd:"" help:"Show a key."`
	Disable keyDisableCmd `cmd:"" help:"Disable a key; it gets no more tokens."`
	Enable  keyEnableCmd  `cmd:"" help:"Enable a key that was disabled."`
	Delete  keyDeleteCmd  `cmd:"" help:"Delete a key for good."`
}

type configCmds struct {
	Print configPrintCmd `cmd:"" help:"Print the settings in effect and where each came from."`
	Check configCheckCmd `cmd:"" help:"Check the configuration without starting anything."`
}

// serverFlags say which running server a command talks to.
type serverFlags struct {
	Data string `placeholder:"DIR" help:"Data directory of the running server. Without it, GRANTD_DATA_DIR or ./grantd-data."`
}

func (f serverFlags) client(a *app) *admin.Client {
	return admin.NewClient(cmp.Or(f.Data, a.lookup("GRANTD_DATA_DIR"), "./grantd-data"))
}
