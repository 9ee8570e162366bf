package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/grantd/grantd/internal/yamlfile"
)

func (l *loader) readEnv(env []string) {
	for _, entry := range env {
		name, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, envPrefix) || foreign(name) {
			continue
		}
		i := slices.IndexFunc(l.fields, func(f field) bool { return f.env == name })
		if i < 0 {
			l.problem("environment", fmt.Errorf("unknown variable %s%s", yamlfile.Shown(name), l.nearestVariable(name)))
			continue
		}
		l.assign(l.fields[i], value, "environment "+name)
	}
}

// foreign reports whether a variable with our prefix is not a setting.
func foreign(name string) bool {
	switch name {
	// The grantd token command reads the secret of a key from it.
	case "GRANTD_CLIENT_SECRET":
		return true
	// Kubernetes puts these into every container beside a service that is named
	// grantd; nobody wrote them, so nobody could mend them.
	case "GRANTD_SERVICE_HOST", "GRANTD_SERVICE_PORT", "GRANTD_PORT":
		return true
	}
	return strings.HasPrefix(name, "GRANTD_SERVICE_PORT_") || strings.HasPrefix(name, "GRANTD_PORT_")
}

// nearestVariable compares names without the prefix, which all have in common
// and which would make any two of them look alike.
func (l *loader) nearestVariable(name string) string {
	names := l.paths()
	for i, path := range names {
		names[i] = underscored(path)
	}
	word := strings.ToLower(strings.TrimPrefix(name, envPrefix))
	near, found := yamlfile.Nearest(word, names)
	if !found {
		return ""
	}
	return "; did you mean " + envPrefix + strings.ToUpper(near) + "?"
}
