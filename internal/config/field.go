package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/yamlfile"
)

const envPrefix = "GRANTD_"

// field is one setting, as the tags of Config describe it.
type field struct {
	path     string // "tls.cert_file"
	env      string // "GRANTD_TLS_CERT_FILE"
	flag     string // "--tls-cert", or "" when there is none
	doc      string
	def, dev string // the defaults; dev is "" when development has the same
	oneof    []string
	min, max string
	off      string // what 0s does, or "" when it is not allowed
	index    []int  // where it is in Config
}

// fields returns all settings in the order of Config.
func fields() []field { return fieldsOf(reflect.TypeFor[Config](), "", nil) }

func fieldsOf(t reflect.Type, section string, index []int) []field {
	var all []field
	for i := range t.NumField() {
		sf := t.Field(i)
		name := sf.Tag.Get("yaml")
		if name == "" {
			continue
		}
		path, at := section+name, append(slices.Clone(index), i)
		if sf.Type.Kind() == reflect.Struct && sf.Type != reflect.TypeFor[Secret]() {
			all = append(all, fieldsOf(sf.Type, path+".", at)...)
			continue
		}
		all = append(all, field{
			path:  path,
			env:   envPrefix + strings.ToUpper(underscored(path)),
			flag:  sf.Tag.Get("flag"),
			doc:   sf.Tag.Get("doc"),
			def:   sf.Tag.Get("default"),
			dev:   sf.Tag.Get("dev"),
			oneof: strings.Fields(sf.Tag.Get("oneof")),
			min:   sf.Tag.Get("min"),
			max:   sf.Tag.Get("max"),
			off:   sf.Tag.Get("off"),
			index: at,
		})
	}
	return all
}

// underscored is a key as it stands in the name of an environment variable.
func underscored(path string) string { return strings.ReplaceAll(path, ".", "_") }

// defaultValue is the text of the default.
func (f field) defaultValue(dev bool) string {
	if dev && f.dev != "" {
		return f.dev
	}
	return f.def
}

func (f field) pointer(c *Config) any {
	return reflect.ValueOf(c).Elem().FieldByIndex(f.index).Addr().Interface()
}

// set parses text and stores it in c. An error says what the setting must be.
func (f field) set(c *Config, text string) error {
	if len(f.oneof) > 0 && !slices.Contains(f.oneof, text) {
		return fmt.Errorf("%s must be one of %s, not %.60q", f.path, strings.Join(f.oneof, ", "), text)
	}
	switch p := f.pointer(c).(type) {
	case *Secret:
		return f.setSecret(p, text)
	case *time.Duration:
		return f.setDuration(p, text)
	case *slog.Level:
		return p.UnmarshalText([]byte(text))
	case *LogFormat:
		*p = LogFormat(text)
		return nil
	case *ProxyHeader:
		*p = ProxyHeader(text)
		return nil
	case *[]netip.Prefix:
		return f.setNetworks(p, text)
	case *string:
		// A key file's name or an address with an invisible character in it is
		// a mistake that nobody would see in the message that follows from it.
		if strings.ContainsFunc(text, yamlfile.Invisible) {
			return fmt.Errorf("%s holds a character that cannot be printed: %.60q", f.path, text)
		}
		*p = text
		return nil
	}
	return fmt.Errorf("%s has a type that cannot be set from text", f.path)
}

func (f field) setSecret(p *Secret, text string) error {
	if text == redacted {
		err := fmt.Errorf("%s is the word %q, not a secret", f.path, redacted)
		return fault.Hint(err, "put in the real value, which grantd config print does not show, or use %s_file", f.path)
	}
	// What comes out of a mounted file often ends in a newline.
	*p = NewSecret(strings.TrimSpace(text))
	return nil
}

func (f field) setDuration(p *time.Duration, text string) error {
	d, err := time.ParseDuration(text)
	if err != nil {
		err = fmt.Errorf("%s must be a duration, not %.60q", f.path, text)
		return fault.Hint(err, durationHint)
	}
	if d == 0 && f.off != "" {
		*p = 0
		return nil
	}
	least, errLeast := time.ParseDuration(f.min)
	most, errMost := time.ParseDuration(f.max)
	if err = errors.Join(errLeast, errMost); err != nil {
		return fmt.Errorf("limits of %s: %w", f.path, err)
	}
	if d < least || d > most {
		err = fmt.Errorf("%s is %s", f.path, text)
		return fault.Hint(err, "choose a duration %s", f.limits())
	}
	*p = d
	return nil
}

// limits says in words which durations may be chosen.
func (f field) limits() string {
	limits := fmt.Sprintf("from %s to %s", f.min, f.max)
	if f.off != "" {
		limits += "; 0s " + f.off
	}
	return limits
}

const durationHint = "write a number with its unit, such as 900ms, 90s or 5m"

// text returns the value in c in the form that set reads; secrets are redacted.
func (f field) text(c *Config) string {
	switch p := f.pointer(c).(type) {
	case *slog.Level:
		return strings.ToLower(p.String())
	case *string:
		return *p
	case *LogFormat:
		return string(*p)
	case *ProxyHeader:
		return string(*p)
	case *[]netip.Prefix:
		return strings.Join(texts(*p), ",")
	case fmt.Stringer: // *Secret, *time.Duration
		return p.String()
	}
	return ""
}
