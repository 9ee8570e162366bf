// Package adminapi owns the Admin API: /admin/v1 on the admin listener, protected by
// grantd's own tokens, with its OpenAPI document and the page that shows it. One table
// has what can be done: the mux, the check of scopes and the document are made of it.
//
// It decides who may do what; what is done is in package admin. It never talks to the
// store. RFC 6750 and RFC 9457.
package adminapi
