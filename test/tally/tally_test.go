package main

import (
	"fmt"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	const (
		passes = `{"Action":"run","Package":"a","Test":"TestA"}
{"Action":"output","Package":"a","Test":"TestA","Output":"quiet\n"}
{"Action":"pass","Package":"a","Test":"TestA"}
{"Action":"pass","Package":"a","Elapsed":0.5}
`
		group = `{"Action":"run","Package":"b","Test":"TestB"}
{"Action":"run","Package":"b","Test":"TestB/one"}
{"Action":"pass","Package":"b","Test":"TestB/one"}
{"Action":"run","Package":"b","Test":"TestB/two"}
{"Action":"output","Package":"b","Test":"TestB/two","Output":"got 1, want 2\n"}
{"Action":"fail","Package":"b","Test":"TestB/two"}
{"Action":"fail","Package":"b","Test":"TestB"}
{"Action":"fail","Package":"b"}
`
		ownFailure = `{"Action":"run","Package":"c","Test":"TestC"}
{"Action":"run","Package":"c","Test":"TestC/one"}
{"Action":"pass","Package":"c","Test":"TestC/one"}
{"Action":"output","Package":"c","Test":"TestC","Output":"left over\n"}
{"Action":"fail","Package":"c","Test":"TestC"}
{"Action":"fail","Package":"c"}
`
		skips = `{"Action":"run","Package":"d","Test":"TestD"}
{"Action":"output","Package":"d","Test":"TestD","Output":"no network\n"}
{"Action":"skip","Package":"d","Test":"TestD"}
{"Action":"pass","Package":"d"}
`
		buildFails = `{"ImportPath":"e","Action":"build-output","Output":"e.go:1: undefined: x\n"}
{"ImportPath":"e","Action":"build-fail"}
{"Action":"start","Package":"e"}
{"Action":"output","Package":"e","Output":"FAIL\te [build failed]\n"}
{"Action":"fail","Package":"e","FailedBuild":"e"}
`
		neverEnds = `{"Action":"run","Package":"f","Test":"TestF"}
{"Action":"output","Package":"f","Output":"panic: test timed out\n"}
{"Action":"fail","Package":"f"}
`
		noTests = `{"Action":"start","Package":"g"}
{"Action":"output","Package":"g","Output":"?   \tg\t[no test files]\n"}
{"Action":"skip","Package":"g"}
`
	)
	end := func(command string, code int) string {
		return fmt.Sprintf("{\"Action\":\"command-end\",\"Package\":%q,\"Code\":%d}\n", command, code)
	}
	tests := []struct {
		name string
		in   string
		says []string
		last string
		exit int
	}{
		{"all pass", passes, []string{"ok    a "}, "1 passed, 0 failed, 0 skipped", 0},
		{"the same package runs twice", passes + "with the race detector\n" + passes, []string{"with the race detector\n"}, "2 passed, 0 failed, 0 skipped", 0},
		{"a subtest fails and its group is not counted", passes + group, []string{"got 1, want 2\n", "FAIL  b "}, "2 passed, 1 failed, 0 skipped", 1},
		{"a group fails by itself", ownFailure, []string{"left over\n"}, "1 passed, 1 failed, 0 skipped", 1},
		{"a skip is shown with its reason", passes + skips, []string{"no network\n"}, "1 passed, 0 failed, 1 skipped", 0},
		{"only skips", skips, nil, "0 passed, 0 failed, 1 skipped", 1},
		{"a package does not build", passes + buildFails, []string{"e.go:1: undefined: x\n", "[build failed]"}, "1 passed, 1 failed, 0 skipped", 1},
		{"a test never ends", passes + neverEnds, []string{"panic: test timed out\n"}, "1 passed, 1 failed, 0 skipped", 1},
		{"the stream is cut", passes + neverEnds[:strings.Index(neverEnds, `{"Action":"fail"`)], []string{"f: the results end here\n"}, "1 passed, 1 failed, 0 skipped", 1},
		{"a check outside of go test fails", passes + end("go vet", 1), []string{"FAIL  go vet: exit code 1\n"}, "1 passed, 1 failed, 0 skipped", 1},
		{"go test cannot begin after a failure of another command", group + end("go test", 1) + end("go test", 1), []string{"FAIL  go test: exit code 1\n"}, "1 passed, 2 failed, 0 skipped", 1},
		{"a command fails because a test did", group + end("go test", 1), nil, "1 passed, 1 failed, 0 skipped", 1},
		{"a command is killed", neverEnds[:strings.Index(neverEnds, `{"Action":"fail"`)] + end("go test", 137), []string{"f: the results end here\n"}, "0 passed, 1 failed, 0 skipped", 1},
		{"all commands end well", passes + end("go vet", 0), nil, "1 passed, 0 failed, 0 skipped", 0},
		{"a package has no tests", passes + noTests, nil, "1 passed, 0 failed, 0 skipped", 0},
		{"nothing ran", "", nil, "0 passed, 0 failed, 0 skipped", 1},
		{"the last line has no end", passes + "go: cannot find", []string{"go: cannot find"}, "1 passed, 0 failed, 0 skipped", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out := strings.Builder{}
			exit := run(strings.NewReader(test.in), &out)
			if exit != test.exit {
				t.Errorf("exit code: got %d, want %d", exit, test.exit)
			}
			for _, want := range test.says {
				if !strings.Contains(out.String(), want) {
					t.Errorf("got %q, want %q in it", out.String(), want)
				}
			}
			if strings.Contains(out.String(), "quiet") {
				t.Errorf("got %q, want no output of a test that passed", out.String())
			}
			if !strings.HasSuffix("\n"+out.String(), "\n"+test.last+"\n") {
				t.Errorf("got %q, want the last line %q", out.String(), test.last)
			}
		})
	}
}
