// Command bench measures grantd beside limit servers that do nothing but the
// unavoidable part of the work, alternately in one run, and writes the ratios to
// docs/performance.md. It brings its own load generator.
//
// It knows grantd by its binary and its wire only, talks to loopback addresses
// only, and reads the CPU time of processes from /proc, so it needs Linux.
package main
