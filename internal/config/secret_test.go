package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/grantd/grantd/internal/config"
)

func TestSecretShowsItselfNowhere(t *testing.T) {
	const value = "hunter2-hunter2"
	secret := config.NewSecret(value)
	type hidden struct{ s config.Secret }
	type open struct{ S config.Secret }

	shown := map[string]string{"String": secret.String(), "GoString": secret.GoString()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%T", "%20s", "%!"} {
		shown["fmt "+verb] = fmt.Sprintf(verb, secret)
		shown["fmt of a field "+verb] = fmt.Sprintf(verb, open{secret})
		shown["fmt of an unexported field "+verb] = fmt.Sprintf(verb, hidden{secret})
		shown["fmt of a pointer "+verb] = fmt.Sprintf(verb, &open{secret})
	}
	marshal := func(name string, data []byte, err error) {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		shown[name] = string(data)
	}
	data, err := secret.MarshalText()
	marshal("text", data, err)
	data, err = json.Marshal(open{secret})
	marshal("json", data, err)
	data, err = yaml.Marshal(open{secret})
	marshal("yaml", data, err)
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"slog json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		"slog text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
	} {
		var log bytes.Buffer
		slog.New(handler(&log)).Info("x", slog.Any("secret", secret), slog.Any("open", open{secret}), slog.Any("hidden", hidden{secret}))
		shown[name] = log.String()
	}

	hex := fmt.Sprintf("%x", value)
	for how, got := range shown {
		if strings.Contains(got, "hunter") || strings.Contains(strings.ToLower(got), hex) {
			t.Errorf("%s shows the value: %s", how, got)
		}
	}
	for _, how := range []string{"String", "GoString", "text", "fmt %v", "fmt %d"} {
		if shown[how] != "redacted" {
			t.Errorf("%s: got %q, want redacted", how, shown[how])
		}
	}
	if secret.Reveal() != value {
		t.Errorf("Reveal: got %q, want %q", secret.Reveal(), value)
	}
}

func TestEmptySecretStaysEmpty(t *testing.T) {
	for _, secret := range []config.Secret{{}, config.NewSecret("")} {
		if secret.Reveal() != "" || secret.String() != "" || secret.GoString() != "" || secret.LogValue().String() != "" || fmt.Sprint(secret) != "" {
			t.Errorf("got %q, want nothing", secret.String())
		}
	}
}
