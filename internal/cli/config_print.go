package cli

type configPrintCmd struct {
	Settings settingFlags `embed:""`
}

// Run prints the settings in effect, without secrets.
func (c *configPrintCmd) Run(a *app) error {
	loaded, err := c.Settings.load(a)
	if err != nil {
		return err
	}
	return loaded.Print(a.stdout)
}
