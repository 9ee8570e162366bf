package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"time"
)

// runSetup installs what an ecosystem needs. Its output is shown when it fails.
func runSetup(ctx context.Context, script string, out io.Writer) error {
	began := time.Now()
	var output bytes.Buffer
	cmd := exec.CommandContext(ctx, script)
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.SysProcAttr = ownGroup()
	cmd.Cancel = func() error { return endGroup(cmd) }
	cmd.WaitDelay = 2 * time.Second
	err := cmd.Run()
	name := filepath.Base(filepath.Dir(script))
	fmt.Fprintf(out, "setup of %-8s %6.1f s\n", name, time.Since(began).Seconds())
	if err != nil {
		fmt.Fprintf(out, "%s\n", output.Bytes())
		return fmt.Errorf("its setup.sh failed: %w: %s", err, lastLine(output.String()))
	}
	return nil
}
