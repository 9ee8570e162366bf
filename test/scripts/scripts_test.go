package scripts

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/grantd/grantd/test/blackbox"
)

func TestMain(m *testing.M) { os.Exit(blackbox.Main(m)) }

// TestScripts runs the scripts in testdata. Beside what testscript knows, a
// script has a free address in $ADDRESS, the issuer that goes with it in $ISSUER,
// the folder of the examples in $EXAMPLES, and these commands:
//
//	serve flags…           starts grantd serve and waits for its line that says ready
//	finish                 ends it with SIGTERM; it must exit with 0 and a clean log
//	interrupt              ends it as Ctrl-C does; it must exit with 0
//	crash                  ends it as kill -9 does
//	output file            writes what the server printed so far to a file
//	grab VAR file pattern  sets VAR to the first group of pattern in file, stdout or stderr
//	exits code command…    runs a command that must exit with this code
//	eventually command…    runs a command again and again until it exits with 0
func TestScripts(t *testing.T) {
	binary, err := blackbox.Binary()
	if err != nil {
		t.Fatal(err)
	}
	examples := filepath.Join(blackbox.Root(t), "examples")
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			address, err := blackbox.FreeAddress()
			if err != nil {
				return err
			}
			e.Setenv("PATH", filepath.Dir(binary)+string(filepath.ListSeparator)+e.Getenv("PATH"))
			e.Setenv("ADDRESS", address)
			e.Setenv("EXAMPLES", examples)
			e.Setenv("ISSUER", "http://"+address)
			e.Values[serverKey{}] = &server{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve":      serve,
			"finish":     finish,
			"interrupt":  interrupt,
			"crash":      crash,
			"output":     output,
			"grab":       grab,
			"exits":      exits,
			"eventually": eventually,
		},
	})
}
