// Package config is grantd's one typed configuration. It reads defaults, one
// YAML file, GRANTD_ environment variables and flags, in rising order, and
// refuses what it does not know: [Load]. It shows the result with the secrets
// redacted and the source of every value: [Config.Print].
//
// The struct tags of [Config] are the single source of keys, variables, flags,
// defaults, limits and the reference page. The package opens no listener, reads
// no key file and knows nothing of what the settings are for.
package config
