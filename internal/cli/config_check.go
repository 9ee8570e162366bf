package cli

import "fmt"

type configCheckCmd struct {
	Settings settingFlags `embed:""`
}

// Run reports every problem of the configuration.
func (c *configCheckCmd) Run(a *app) error {
	_, err := c.Settings.load(a)
	if err != nil {
		return err
	}
	fmt.Fprintln(a.stdout, "the configuration is valid")
	return nil
}
