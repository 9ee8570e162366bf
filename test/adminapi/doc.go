// Package adminapi holds no code but tests: a fuzzer that is not ours makes requests of
// the OpenAPI document of the Admin API and sends them to the real binary.
package adminapi
