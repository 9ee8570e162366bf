package config

import (
	"fmt"
	"io"
	"strings"
)

const referenceHead = `# Configuration

This page is generated from the source; ` + "`go test ./internal/config -update`" + ` writes it anew.

grantd takes each setting from the last of these places that has it:

1. the default;
2. the YAML file named by ` + "`grantd serve --config FILE`" + `;
3. an environment variable;
4. a flag of ` + "`grantd serve`" + `.

An empty value is the same as leaving the setting out. A key with a dot in its name stands in a section:
` + "`tls.cert_file` is `cert_file` under `tls:`" + `. Relative paths start at the working directory. Durations have a unit:
` + "`900ms`, `90s`, `5m`" + `.

` + "```yaml\n" + referenceExample + "```" + `

Unknown keys and unknown ` + "`GRANTD_`" + ` variables are errors, so that a typing mistake does not pass for a setting.
` + "`GRANTD_CLIENT_SECRET`" + ` belongs to ` + "`grantd token`" + `, and what Kubernetes sets for a service named grantd
(` + "`GRANTD_SERVICE_HOST`, `GRANTD_SERVICE_PORT`, `GRANTD_PORT`" + ` and names that continue the last two) is ignored.
` + "`grantd config check`" + ` reports the problems it finds, each with its place; ` + "`grantd config print`" + ` shows the values in effect and where
each came from. Secrets are shown as ` + "`redacted`" + `.

| Key | Environment variable | Flag | Default | What it does |
|---|---|---|---|---|
`

const referenceExample = `issuer: https://auth.example.com
data_dir: /var/lib/grantd
tls:
  cert_file: /etc/grantd/tls.crt
  key_file: /etc/grantd/tls.key
`

// WriteReference writes the reference page of all settings in Markdown.
func WriteReference(w io.Writer) error {
	_, err := io.WriteString(w, referenceHead)
	if err != nil {
		return fmt.Errorf("write configuration reference: %w", err)
	}
	for _, f := range fields() {
		_, err = fmt.Fprintf(w, "| `%s` | `%s` | %s | %s | %s |\n", f.path, f.env, code(f.flag), f.defaults(), f.description())
		if err != nil {
			return fmt.Errorf("write configuration reference: %w", err)
		}
	}
	return nil
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

func (f field) defaults() string {
	if f.dev == "" {
		return code(f.def)
	}
	return code(f.def) + "; with `--dev` " + code(f.dev)
}

func (f field) description() string {
	if len(f.oneof) > 0 {
		return fmt.Sprintf("%s One of `%s`.", f.doc, strings.Join(f.oneof, "`, `"))
	}
	if f.max != "" {
		return fmt.Sprintf("%s F%s.", f.doc, strings.TrimPrefix(f.limits(), "f"))
	}
	return f.doc
}
