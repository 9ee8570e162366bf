package scope

// uuid reports whether s is 8-4-4-4-12 hexadecimal digits. Nearly every scope that
// is asked for holds one, and checked digit by digit they take more time than all
// the rest: no processor can guess whether a digit or a letter comes next.
func uuid(s string) bool {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return false
	}
	strange := notHex(four(s)|four(s[4:])<<32) | notHex(four(s[9:])|four(s[14:])<<32) |
		notHex(four(s[19:])|four(s[24:])<<32) | notHex(four(s[28:])|four(s[32:])<<32)
	return strange == 0
}

// four returns the first four bytes of s as a number.
func four(s string) uint64 {
	_ = s[3]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
}

// notHex marks the bytes of eight that are no hexadecimal digits: it is zero when
// all are. Each byte of a sum has its highest bit when the byte of eight is not
// below a character; a byte with that bit already may disturb the next one, but is
// marked itself.
func notHex(eight uint64) uint64 {
	const each, highest = 0x0101010101010101, 0x80
	lower := eight | 0x20*each
	digit := (eight + (highest-'0')*each) &^ (eight + (highest-1-'9')*each)
	letter := (lower + (highest-'a')*each) &^ (lower + (highest-1-'f')*each)
	return (^(digit | letter) | eight) & (highest * each)
}
