// Package manifest is the YAML form of APIs and keys that grantd apply takes and
// grantd export writes: [Parse] and [Format]. Its keys are the members of the
// admin calls; lifetimes are durations such as 1h or 30d.
//
// It reads strictly and knows the line of everything, so that a problem found
// much later can be shown where it was written: [File.Locate]. What an API or a
// key may be is in package admin.
package manifest
