package cli

import "runtime/debug"

// ballastSize is how much memory the garbage collector believes to be in use
// from the start. Nothing ever touches it, so it takes no memory.
//
// A server that holds few keys has a live heap of some 4 MB, which requests
// double dozens of times a second; each collection also shrinks the stacks that
// the next request grows again. With this the cost of a token fell by 15 % to 20 %. A
// server with many keys has a large heap of its own and loses nothing.
const ballastSize = 16 << 20

// ballast returns the memory; keep it alive while serving. An operator who set
// GOGC knows better.
func (a *app) ballast() []byte {
	if a.lookup("GOGC") != "" {
		return nil
	}
	return make([]byte, ballastSize)
}

// giveBack returns the memory that loading took and serving does not need. The
// collector would get to it when requests have made as much garbage again: a
// server with a million revocations held 70 MB more than one without, of which
// 38 MB were what reading them had left behind.
func giveBack() { debug.FreeOSMemory() }
