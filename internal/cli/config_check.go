package cli

import (
	"errors"
	"fmt"

	"github.com/grantd/grantd/internal/server"
)

type configCheckCmd struct {
	Settings settingFlags `embed:""`
}

// Run reports every problem of the configuration.
func (c *configCheckCmd) Run(a *app) error {
	loaded, err := c.Settings.load(a)
	if err != nil {
		return err
	}
	err = errors.Join(server.Check(loaded), checkDatabase(loaded))
	if err != nil {
		return err
	}
	fmt.Fprintln(a.stdout, "the configuration is valid")
	return nil
}
