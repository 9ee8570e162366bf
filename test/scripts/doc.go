// Package scripts holds no code but tests: what the README promises, as scripts
// in testdata that run the real binary the way a person does.
package scripts
