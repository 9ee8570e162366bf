// Package yamlfile reads the YAML files that people write for grantd, strictly
// and with the line of everything: one document, no anchors, no key twice, and an
// error for each mistake that says where it is and what to do. It knows nothing
// of what the files are for.
package yamlfile
