// Package console holds no code but tests: people and attackers use the console of the
// real binary in Debian's Chromium, with passkeys of a virtual authenticator. Every page is
// looked at by axe-core, light and dark, and left as a picture in build/console/pictures.
package console
