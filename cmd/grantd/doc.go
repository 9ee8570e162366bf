// Command grantd is an OAuth 2.0 authorization server for machines, and the
// command line that manages it. It only hands its arguments to package cli.
package main
