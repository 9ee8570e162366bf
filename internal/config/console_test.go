package config_test

import (
	"testing"

	"github.com/grantd/grantd/internal/config"
	"github.com/grantd/grantd/internal/fault"
)

func TestConsoleURL(t *testing.T) {
	tests := []struct {
		url  string
		good bool
	}{
		{"", true},
		{"https://admin.example.com", true},
		{"https://admin.example.com:8443", true},
		{"http://localhost:8081", true},
		{"http://admin.example.com", false},
		{"http://127.0.0.1:8081", false},
		{"https://admin.example.com/", false},
		{"https://admin.example.com/console", false},
		{"https://me:secret@admin.example.com", false},
		{"https://admin.example.com?x", false},
		{"admin.example.com", false},
		{"https://", false},
		{"https://a b", false},
	}
	for _, test := range tests {
		t.Run(test.url, func(t *testing.T) {
			_, err := config.Load(config.Sources{Dev: true, Env: []string{"GRANTD_CONSOLE_URL=" + test.url}})
			if (err == nil) != test.good {
				t.Errorf("got %v, want good: %v", err, test.good)
			}
			if err != nil && fault.HintOf(err) == "" {
				t.Errorf("%v has no hint", err)
			}
		})
	}
}
