package config_test

import (
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/config"
	"github.com/grantd/grantd/internal/fault"
)

func TestYAML(t *testing.T) {
	tests := []struct {
		name, yaml, want, hint string
	}{
		{name: "an empty file means the defaults"},
		{name: "a file of comments means the defaults", yaml: "# nothing\n\n"},
		{name: "an empty document means the defaults", yaml: "---\n"},
		{name: "a section without entries means the defaults", yaml: "tls:\n  # cert_file: x\n"},
		{name: "JSON is YAML too", yaml: `{"issuer": "https://a.example", "log": {"level": "warn"}}`},
		{name: "an unknown key", yaml: "issuer: https://a.example\n\nlissten: :1\n", want: "grantd.yaml:3: unknown key lissten; did you mean listen?"},
		{name: "an unknown key in a section", yaml: "tls:\n  certfile: x\n", want: "grantd.yaml:2: unknown key tls.certfile; did you mean tls.cert_file?"},
		{name: "a key in the wrong section", yaml: "cert_file: x\n", want: "grantd.yaml:1: unknown key cert_file; did you mean tls.cert_file?"},
		{name: "an unknown section", yaml: "limit:\n  body_timeout: 1s\n", want: "grantd.yaml:1: unknown key limit; did you mean limits?"},
		{name: "a key with a dot", yaml: "tls.key_file: x\n", want: "grantd.yaml:1: unknown key tls.key_file; write key_file in the section tls"},
		{name: "a key like no other", yaml: "colour: x\n", want: "grantd.yaml:1: unknown key colour", hint: "known keys: issuer, listen"},
		{name: "a key that would break the line", yaml: "\"a\\nb\": x\n", want: `grantd.yaml:1: unknown key "a\nb"`},
		{name: "a duplicate key", yaml: "listen: :1\nissuer: https://a.example\nlisten: :1\n", want: "grantd.yaml:3: key listen is in line 1 already"},
		{name: "a duplicate section", yaml: "log:\n  level: info\nlog:\n  level: info\n", want: "grantd.yaml:3: key log is in line 1 already"},
		{name: "a number for a string", yaml: "data_dir: 8\n", want: "grantd.yaml:1: data_dir must be a string, not a number", hint: "in quotes"},
		{name: "true for a string", yaml: "pepper_file: true\n", want: "grantd.yaml:1: pepper_file must be a string, not true or false"},
		{name: "a number for a duration", yaml: "drain_timeout: 30\n", want: "grantd.yaml:1: drain_timeout must be a duration, not a number", hint: "90s"},
		{name: "a word for a duration", yaml: "drain_timeout: 30x\n", want: `grantd.yaml:1: drain_timeout must be a duration, not "30x"`, hint: "90s"},
		{name: "a section for a string", yaml: "listen:\n  host: x\n", want: "grantd.yaml:1: listen must be a string, not a section"},
		{name: "a list for a string", yaml: "listen: [a]\n", want: "grantd.yaml:1: listen must be a string, not a list of items"},
		{name: "nothing for a string", yaml: "listen:\n", want: "grantd.yaml:1: listen must be a string, not nothing", hint: "remove the line"},
		{name: "a date for a string", yaml: "data_dir: 2020-01-01\n", want: "grantd.yaml:1: data_dir must be a string, not a date"},
		{name: "a tag", yaml: "data_dir: !x y\n", want: "grantd.yaml:1: data_dir must be a string, not a value with a tag"},
		{name: "a string for a section", yaml: "log: debug\n", want: "grantd.yaml:1: log must be a section, not a string", hint: "indented"},
		{name: "a list for the file", yaml: "- issuer\n", want: "grantd.yaml:1: the file must hold keys and values, not a list of items"},
		{name: "a secret's value is not repeated", yaml: "pepper: 12345\n", want: "grantd.yaml:1: pepper must be a string, not a number"},
		{name: "a redacted secret", yaml: "pepper: redacted\n", want: `grantd.yaml:1: pepper is the word "redacted", not a secret`, hint: "pepper_file"},
		{name: "an anchor", yaml: "listen: &a :1\n", want: "grantd.yaml:1: anchors, aliases and keys that are not plain words are not known here"},
		{name: "an alias to an enclosing section", yaml: "log: &a\n  level: *a\n", want: "grantd.yaml:1: anchors, aliases and keys that are not plain words are not known here"},
		{name: "a merge key", yaml: "<<: {listen: x}\n", want: "grantd.yaml:1: unknown key <<"},
		{name: "a section as a key", yaml: "? {a: b}\n: c\n", want: "grantd.yaml:1: anchors, aliases and keys that are not plain words are not known here"},
		{name: "two documents", yaml: "listen: :1\n---\nlisten: :2\n", want: "grantd.yaml:2: a second document begins here", hint: "one document"},
		{name: "a broken second document", yaml: "listen: :1\n---\na: @\n", want: "grantd.yaml:3: not YAML: found character that cannot start any token"},
		{name: "a tab in the indentation", yaml: "tls:\n\tcert_file: x\n", want: "grantd.yaml:2: a tab in the indentation", hint: "two spaces"},
		{name: "a tab after spaces", yaml: "issuer: https://a.example\ntls:\n  \tcert_file: x\n", want: "grantd.yaml:3: a tab in the indentation"},
		{name: "too little indentation", yaml: "tls:\n  cert_file: x\n key_file: x\n", want: "grantd.yaml:3: the indentation fits no line above", hint: "same number"},
		{name: "too much indentation", yaml: "issuer: https://a.example\n  listen: :1\n", want: "grantd.yaml:2: not YAML: mapping values are not allowed in this context", hint: "indentation"},
		{name: "a missing colon", yaml: "issuer: https://a.example\nlisten\ndata_dir: x\n", want: "grantd.yaml:2: not YAML: could not find expected ':'"},
		{name: "a character that means something else", yaml: "listen: @x", want: "grantd.yaml:1: not YAML: found character that cannot start any token"},
		{name: "bytes that are not text", yaml: "listen: \xff", want: "grantd.yaml:1: a byte that is not UTF-8", hint: "save the file as UTF-8"},
		{name: "an invisible character", yaml: "data_dir: \"/x\\u200b\"\n", want: `grantd.yaml:1: data_dir holds a character that cannot be printed: "/x\u200b"`},
		{name: "an unknown level", yaml: "log:\n  level: INFO\n", want: `grantd.yaml:2: log.level must be one of debug, info, warn, error, not "INFO"`},
		{name: "a duration out of bounds", yaml: "limits:\n  body_timeout: 2h\n", want: "grantd.yaml:2: limits.body_timeout is 2h", hint: "from 10ms to 9s"},
		{name: "a negative duration", yaml: "drain_timeout: -1s\n", want: "grantd.yaml:1: drain_timeout is -1s", hint: "from 10ms to 1h"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := config.Load(config.Sources{File: written(t, tt.yaml), Dev: true})
			if text(err) != tt.want {
				t.Errorf("Load of %q\n got %s\nwant %s", tt.yaml, text(err), tt.want)
			}
			if !strings.Contains(fault.HintOf(err), tt.hint) {
				t.Errorf("Load of %q: got hint %q, want one with %q", tt.yaml, fault.HintOf(err), tt.hint)
			}
		})
	}
}
