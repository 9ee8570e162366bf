package cli

import (
	"bytes"
	"strings"
	"testing"
)

func TestAProblemOfTheCommandLineEndsWithTwo(t *testing.T) {
	tests := []struct {
		name string
		args []string
		env  []string
		want int
	}{
		{"an address without a port", []string{"serve", "--dev", "--listen", "8080"}, nil, exitUsage},
		{"an unknown level", []string{"config", "check", "--dev", "--log-level", "loud"}, nil, exitUsage},
		{"the same in the environment", []string{"config", "check", "--dev"}, []string{"GRANTD_LOG_LEVEL=loud"}, exitFailure},
		{"one in each", []string{"config", "check", "--dev", "--listen", "8080"}, []string{"GRANTD_LOG_LEVEL=loud"}, exitFailure},
		{"an empty id", []string{"key", "show", ""}, nil, exitUsage},
		{"a command that does not exist", []string{"srve"}, nil, exitUsage},
		{"a file that is missing", []string{"config", "check", "--config", "missing.yaml"}, nil, exitFailure},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			got := Main(tt.args, strings.NewReader(""), &stdout, &stderr, tt.env)
			if got != tt.want || !strings.HasPrefix(stderr.String(), "grantd: error: ") || stdout.Len() > 0 {
				t.Errorf("got %d, want %d; stdout %q, stderr %q", got, tt.want, stdout.String(), stderr.String())
			}
		})
	}
}
