// Package console serves the pages on which people operate grantd: sign-in, sessions,
// roles, and a page for each thing that there is. It calls the use-cases of
// internal/admin, and of the store it knows operators and their sessions only.
//
// Every page is made here, works without scripts, and has no script, style or image
// but those of the binary. What a page may do is in one table, [Console.routes].
package console
