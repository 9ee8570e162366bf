package cli

import "github.com/grantd/grantd/internal/config"

// settingFlags are the settings that can be given on the command line.
type settingFlags struct {
	Dev         bool   `help:"Development: no issuer needed, on loopback unless --listen says otherwise, a demo API with two demo keys."`
	Config      string `placeholder:"FILE" help:"Configuration file (YAML)."`
	Data        string `placeholder:"DIR" help:"Data directory. Without it ./grantd-data; with --dev a temporary one."`
	DatabaseURL word   `name:"database-url" placeholder:"URL" help:"PostgreSQL database that nodes share, as in postgres://grantd@db1,db2/grantd. Others on this machine can see flags: a password belongs into GRANTD_DATABASE_URL or PGPASSWORD."`
	Listen      string `placeholder:"ADDR" help:"Address of the public listener, host:port. Port 0 picks a free one."`
	AdminListen string `placeholder:"ADDR" help:"Address of the admin listener, host:port."`
	Issuer      string `placeholder:"URL" help:"Public base URL of the server."`
	TLSCert     string `name:"tls-cert" placeholder:"FILE" help:"Certificate chain of the public listener (PEM)."`
	TLSKey      string `name:"tls-key" placeholder:"FILE" help:"Private key of the certificate (PEM)."`
	LogFormat   string `placeholder:"FORMAT" words:"json,text" help:"Format of the log: json or text."`
	LogLevel    string `placeholder:"LEVEL" words:"debug,info,warn,error" help:"Least level that is logged: debug, info, warn or error."`
}

// load reads the configuration from the file, the environment and the flags.
func (f settingFlags) load(a *app) (config.Config, error) {
	loaded, err := config.Load(config.Sources{
		File: f.Config,
		Env:  a.env,
		Dev:  f.Dev,
		Flags: map[string]string{
			"data_dir":      f.Data,
			"database_url":  string(f.DatabaseURL),
			"listen":        f.Listen,
			"admin_listen":  f.AdminListen,
			"issuer":        f.Issuer,
			"tls.cert_file": f.TLSCert,
			"tls.key_file":  f.TLSKey,
			"log.format":    f.LogFormat,
			"log.level":     f.LogLevel,
		},
	})
	if err != nil && config.OnlyFlags(err) {
		return config.Config{}, &usageError{err}
	}
	return loaded, err
}
