// Package store is the contract of grantd's databases: the records, the small
// interfaces over them and the errors. The comments here are the specification;
// package storetest checks every sentence of them on every engine.
//
// It knows no SQL and no engine. Nothing on the path of a token request calls it.
package store
