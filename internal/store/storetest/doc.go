// Package storetest is the conformance suite of the contract in package store:
// one test for each sentence of its comments, named by that sentence in short.
// Every engine runs it, so what it does not test, no caller may rely on.
package storetest
