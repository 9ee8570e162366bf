// Command bench measures grantd beside limit servers that do nothing but the
// unavoidable part of the work, and beside other servers, alternately in one run, and
// writes the ratios to docs/performance.md. It also compares two binaries of grantd.
//
// It knows grantd by its binary and its wire only, and the database where rows have to
// come from somewhere. It talks to loopback addresses only, with a generator of its
// own, and reads /proc, so it needs Linux.
package main
