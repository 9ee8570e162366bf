// Package deploy checks the files under deploy/ with the programs that they are
// for: an image is built and run by podman, the unit started by a systemd in
// namespaces of its own, the chart linted and rendered by helm.
//
// It knows grantd only by its binary, as an operator does. A program that is
// missing is a failure where CI is true, and a skip elsewhere.
package deploy
