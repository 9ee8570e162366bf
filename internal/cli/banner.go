package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/grantd/grantd/internal/server"
	"github.com/grantd/grantd/oauth"
)

// printBanner says where everything is. Its last line is for scripts, which
// wait for it.
func printBanner(w io.Writer, i server.Info, dataDir, note, database string) {
	fmt.Fprintf(w, "grantd is running (version: %s).\n\n", version())
	fields := [][2]string{
		{"issuer", i.Issuer},
		{"metadata", wellKnown(i.Issuer)},
		{"public listener", i.PublicAddr},
		{"admin listener", i.AdminAddr},
		{"console", i.ConsoleURL},
		{"data directory", remark(dataDir, note)},
	}
	keep := "created now; keep a copy apart from the database"
	if database != "" {
		fields = append(fields, [2]string{"database", database})
		keep += ", and give one to every other node"
	}
	created := func(file string) string {
		if note == "" && slices.Contains(i.CreatedFiles, file) {
			return keep
		}
		return ""
	}
	if i.MasterKeyFile != "" {
		fields = append(fields, [2]string{"master key", remark(i.MasterKeyFile, created(i.MasterKeyFile))})
	}
	if i.PepperFile != "" {
		fields = append(fields, [2]string{"pepper", remark(i.PepperFile, created(i.PepperFile))})
	}
	printFields(w, fields)
	if i.FirstLink != "" {
		fmt.Fprintf(w, "\nSet up the first operator of the console; the link works once, for 15 minutes:\n\n  %s\n", i.FirstLink)
	}
	if i.Demo != nil {
		printDemo(w, i.Issuer, dataDir, i.Demo)
	}
	fmt.Fprintf(w, "\nready %s\n", i.Issuer)
}

func remark(text, note string) string {
	if note == "" {
		return text
	}
	return text + " (" + note + ")"
}

// printDemo shows lines to paste.
func printDemo(w io.Writer, issuer, dataDir string, demo *server.Demo) {
	endpoint := shellQuote(issuer + "/oauth2/token")
	fmt.Fprintf(w, "\nGet a token with the demo key:\n\n  curl -u %s -d grant_type=client_credentials -d %s %s\n",
		shellQuote(demo.Plain.ClientID+":"+demo.Plain.ClientSecret), shellQuote("scope="+demo.Plain.Scope), endpoint)
	body, err := json.Marshal(oauth.TokenRequest{ //nolint:gosec // G117: a demo secret, shown on purpose
		ClientID:     demo.SDK.ClientID,
		ClientSecret: demo.SDK.ClientSecret,
		GrantType:    oauth.ClientCredentials,
		Scope:        demo.SDK.Scope,
	})
	if err == nil {
		fmt.Fprintf(w, "\nOr as payment SDKs do, with a refresh_token in the answer for \"grant_type\":\"refresh_token\":\n\n  curl -H 'Content-Type: application/json' -d %s %s\n",
			shellQuote(string(body)), endpoint)
	}
	fmt.Fprintf(w, "\nCreate a key of your own:\n\n  %s\n", keyCreateLine(dataDir, demo.Plain.Scope))
}
