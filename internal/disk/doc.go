// Package disk makes what was created survive a power cut, names included. It
// knows nothing of what the files hold.
package disk
