// Package hostile holds no code but tests: requests as an attacker, a broken
// client or a careless one sends them, against the real binary. Each gets the
// right 4xx within a second and none a 5xx; memory stays where it was, the log
// holds no secret, and the server still issues tokens afterwards.
package hostile
