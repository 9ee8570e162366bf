// Package crash holds no code but tests: the real binary is killed again and
// again in the middle of its writes. What it acknowledged is there afterwards,
// what it ended stays ended, and nothing is there that was never asked for.
package crash
