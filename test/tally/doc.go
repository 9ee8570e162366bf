// Command tally reads the JSON lines of any number of go test -json runs, prints
// what failed with its output and one line a package, and ends with the counts:
//
//	12 passed, 0 failed, 1 skipped
//
// It exits 1 when something failed, did not build or did not end, and when
// nothing ran. Lines that are no JSON are printed as they are.
package main
