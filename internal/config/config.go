package config

import (
	"log/slog"
	"net/netip"
	"time"
)

// Config is the configuration of one grantd process. [Load] makes it.
//
// Tags: yaml is the key; flag the flag of grantd serve, if there is one; default
// and dev the default outside and inside development; oneof, min and max what a
// value may be, and off what 0s does where it is allowed beside them; doc what the
// setting does, for the reference page.
type Config struct {
	// Issuer is the public base URL. It is empty only in development, where the
	// server derives it from the address it listens on.
	Issuer string `yaml:"issuer" flag:"--issuer" doc:"The public base URL of this server, as it stands in tokens and metadata. Required, except with --dev. An https URL without a slash at its end; http only for a loopback host."`
	// Listen is the address of the public listener, host:port.
	Listen string `yaml:"listen" flag:"--listen" default:":8080" dev:"127.0.0.1:8080" doc:"The address of the public listener, host:port. Port 0 picks a free one."`
	// AdminListen is the address of the admin listener, host:port.
	AdminListen string `yaml:"admin_listen" flag:"--admin-listen" default:"127.0.0.1:8081" dev:"127.0.0.1:0" doc:"The address of the admin listener with the metrics, host:port. Keep it away from the public network."`
	// ConsoleURL is where browsers reach the console; empty means localhost.
	ConsoleURL string `yaml:"console_url" doc:"The URL of the admin listener as browsers reach it, without a path, such as https://grantd-admin.example.com: that of the proxy in front of it, which has the certificate. Without it the console is at http://localhost with the port of the admin listener, and answers under no other name."`
	// DataDir is where the socket and, by default, the database and the keys lie.
	DataDir string `yaml:"data_dir" flag:"--data" default:"./grantd-data" doc:"The directory of the admin socket and of the SQLite database, if there is no other. It is created when it is missing. Each node has its own."`
	// DatabaseURL is where a PostgreSQL database is; [Config.Database] has it from here
	// or from DatabaseURLFile.
	DatabaseURL Secret `yaml:"database_url" flag:"--database-url" doc:"The URL of a PostgreSQL database, which any number of nodes share: postgres://user@host1,host2/name?sslmode=verify-full. Without it the database is an SQLite file in data_dir. The password can stand in the URL, in PGPASSWORD, or in the file that PGPASSFILE names. Use this or database_url_file."`
	// DatabaseURLFile is a file that holds the URL.
	DatabaseURLFile string `yaml:"database_url_file" doc:"A file that holds the URL of the PostgreSQL database."`
	// MasterKey is the master key itself; empty means that it is in MasterKeyFile.
	MasterKey Secret `yaml:"master_key" doc:"The master key that seals signing keys and handles: 32 random bytes in base64url without padding, as in its file. Older ones may follow it, up to four in all with spaces between them: the first seals, all open. Use this or master_key_file."`
	// MasterKeyFile is the file of the master key; empty when MasterKey is set.
	MasterKeyFile string `yaml:"master_key_file" default:"<data_dir>/keys/master.key" doc:"The file of the master key, and of older ones after it. It is created at the first start, and nobody but its owner may read it."`
	// Pepper is the pepper itself; empty means that it is in PepperFile.
	Pepper Secret `yaml:"pepper" doc:"The pepper under which the secrets of keys are hashed: 32 random bytes in base64url without padding, as in its file. Use this or pepper_file."`
	// PepperFile is the file of the pepper; empty when Pepper is set.
	PepperFile string `yaml:"pepper_file" default:"<data_dir>/keys/pepper.key" doc:"The file of the pepper. It is created at the first start, and nobody but its owner may read it."`
	// TLS is the public listener's certificate; without one it speaks plain HTTP.
	TLS TLS `yaml:"tls"`
	// Proxies are in front of this server.
	Proxies Proxies `yaml:"proxies"`
	// MaxStaleness is how long tokens are issued while the database is away.
	MaxStaleness time.Duration `yaml:"max_staleness" default:"300s" min:"1s" max:"24h" doc:"How long tokens are issued while the database cannot be reached; after that the answer is 503."`
	// SigningKeys says when signing keys replace each other.
	SigningKeys SigningKeys `yaml:"signing_keys"`
	// DrainTimeout is how long requests under way may take to end at shutdown.
	DrainTimeout time.Duration `yaml:"drain_timeout" default:"30s" min:"10ms" max:"1h" doc:"How long requests under way may take to end when the server is told to stop."`
	// Log is what the log looks like.
	Log Log `yaml:"log"`
	// Limits bound what a request may cost.
	Limits Limits `yaml:"limits"`

	// origins says by key where each value came from.
	origins map[string]string
}

// TLS names the certificate of the public listener. Both fields are set, or
// none.
type TLS struct {
	// CertFile is the certificate chain in PEM.
	CertFile string `yaml:"cert_file" flag:"--tls-cert" doc:"The certificate of the public listener with its chain, in PEM; a change is noticed without a restart. Without it the listener speaks plain HTTP."`
	// KeyFile is the private key of the certificate in PEM.
	KeyFile string `yaml:"key_file" flag:"--tls-key" doc:"The private key of the certificate, in PEM."`
}

// Proxies are the proxies in front of this server, which say where a request
// came from.
type Proxies struct {
	// Trusted are the networks of the proxies; without any, a request comes from
	// where its connection ends.
	Trusted []netip.Prefix `yaml:"trusted" doc:"The networks of the proxies in front of this server, in CIDR notation: a list in the file, with commas between them elsewhere. What such a proxy says about where a request came from is believed; list no network that has clients in it, because they could say what they like. Without any, a request comes from where its connection ends."`
	// Header is the header in which they say it.
	Header ProxyHeader `yaml:"header" default:"x-forwarded-for" oneof:"x-forwarded-for forwarded" doc:"The header in which the trusted proxies say where a request came from. Each must append to it, or write it anew; the other header is not read."`
}

// ProxyHeader is a header in which proxies say where a request came from.
type ProxyHeader string

// The headers of proxies.
const (
	// XForwardedFor is what most proxies write.
	XForwardedFor ProxyHeader = "x-forwarded-for"
	// Forwarded is the header of RFC 7239.
	Forwarded ProxyHeader = "forwarded"
)

// SigningKeys says when signing keys replace each other.
type SigningKeys struct {
	// RotateEvery is how long a signing key signs before the next one does; zero
	// leaves it to the operator.
	RotateEvery time.Duration `yaml:"rotate_every" default:"2160h" min:"1h" max:"87600h" off:"leaves it to grantd signing-key rotate" doc:"How long a signing key signs before a new one takes its place."`
	// JWKSMaxAge is how long verifiers may keep the JWKS.
	JWKSMaxAge time.Duration `yaml:"jwks_max_age" default:"5m" min:"1s" max:"24h" doc:"How long verifiers may keep the JWKS, in whole seconds. A new signing key is published this long, and max_staleness, before it signs."`
}

// Log says what is logged and how.
type Log struct {
	// Level is the least level that is logged.
	Level slog.Level `yaml:"level" flag:"--log-level" default:"info" oneof:"debug info warn error" doc:"The least level that is logged."`
	// Format is how a record is written.
	Format LogFormat `yaml:"format" flag:"--log-format" default:"json" dev:"text" oneof:"json text" doc:"How a log record is written."`
}

// LogFormat is how a log record is written.
type LogFormat string

// The log formats.
const (
	// JSON is one JSON object a line.
	JSON LogFormat = "json"
	// Text is key=value pairs for people.
	Text LogFormat = "text"
)

// Limits bound what a request may cost.
type Limits struct {
	// BodyTimeout is how long the body of a request may take to arrive.
	BodyTimeout time.Duration `yaml:"body_timeout" default:"900ms" min:"10ms" max:"9s" doc:"How long the body of a request may take to arrive."`
}

// Defaulted reports whether the setting, named by its key such as
// "tls.cert_file", was left out of the file, the environment and the flags.
func (c Config) Defaulted(key string) bool { return c.origins[key] == originDefault }
