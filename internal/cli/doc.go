// Package cli is the grantd command: one file per command, from flags to calls
// to print. It decides nothing itself; what a key may be is in package admin,
// what a setting may be in package config.
//
// It is the only package besides the test server that knows which engine keeps
// the data.
package cli
