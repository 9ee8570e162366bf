package cli

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
