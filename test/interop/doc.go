// Command interop runs published, unmodified OAuth clients and JWT verifiers
// against the real grantd binary, behind a proxy that records every byte, and
// holds each of them to what its client.json or verifier.json says of it.
//
// It judges by the tokens and by the recording, never by exit codes. The programs
// lie in the folders beside it, what they send in golden/, and what came of it in
// docs/interop.md.
package main
