package cli

import (
	_ "embed"
	"fmt"
	"io"
)

//go:embed completion.bash
var bashScript string

//go:embed completion.zsh
var zshScript string

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh" help:"Shell: bash or zsh."`
}

// Help says how to use the script.
func (completionCmd) Help() string {
	return "Examples:\n\n" +
		"\tsource <(grantd completion bash)      (in ~/.bashrc)\n" +
		"\tsource <(grantd completion zsh)       (in ~/.zshrc, after compinit)\n"
}

// Run prints the script.
func (c *completionCmd) Run(a *app) error {
	script := bashScript
	if c.Shell == "zsh" {
		script = zshScript
	}
	_, err := io.WriteString(a.stdout, script)
	if err != nil {
		return fmt.Errorf("print the script: %w", err)
	}
	return nil
}
