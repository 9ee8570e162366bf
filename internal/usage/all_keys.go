package usage

// AllKeys is the id under which all keys are counted together, and what came under an
// id that is nobody's. No key has it: theirs are printable. It comes before all of them,
// so of the batches of a minute only the first holds it.
const AllKeys = "\x01all keys"

// Together adds to what was counted the sum of it, under [AllKeys]. It goes the way of
// every other count from there on, so whoever asks for a sum adds up hours, not keys.
func Together(counted map[string]*Counts) map[string]*Counts {
	if len(counted) == 0 {
		return counted
	}
	all := &Counts{}
	for _, c := range counted {
		all.Add(c)
	}
	counted[AllKeys] = all
	return counted
}
