package clientauth

import (
	"encoding/base64"
	"strings"
	"testing"
)

// What other programs made: libxcrypt, passlib, Python's hashlib and the
// reference implementation of Argon2.
func TestHashesThatOthersMade(t *testing.T) {
	const horse = "correct horse"
	tests := []struct {
		name, phc, secret string
	}{
		{"bcrypt 2b", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"},
		{"bcrypt 2a", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"},
		{"bcrypt 2y", "$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", horse},
		{"argon2id", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "password"},
		{"argon2id with two threads", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "password"},
		{"PBKDF2 with SHA-256", "$pbkdf2-sha256$i=1000,l=32$++/77/vvABEiMw$aLMQ5Q6MSZQmNMr9AV9EZ5lW9p69khHeE0Xnok9ihxs", horse},
		{"PBKDF2 with SHA-256 of passlib", "$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44", "password"},
		{"PBKDF2 with SHA-512", "$pbkdf2-sha512$i=1000,l=64$++/77/vvABEiMw$ihPxtSdEQpsi/xinpheU5bWCFXE5+Nrl7DQcCcYYncuE6wyrfqPbRcXCAzTGivnehiKatfABquXnu+fJJc2ZNg", horse},
		{"PBKDF2 with SHA-512 of passlib", "$pbkdf2-sha512$1000$../77/vvABEiMw$ihPxtSdEQpsi/xinpheU5bWCFXE5.Nrl7DQcCcYYncuE6wyrfqPbRcXCAzTGivnehiKatfABquXnu.fJJc2ZNg", horse},
		{"PBKDF2 with SHA-512, half of it", "$pbkdf2-sha512$i=1000,l=32$++/77/vvABEiMw$ihPxtSdEQpsi/xinpheU5bWCFXE5+Nrl7DQcCcYYncs", horse},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, err := parsePHC(tt.phc)
			if err != nil {
				t.Fatal(err)
			}
			if !h.matches(tt.secret) {
				t.Errorf("%s does not match %q", tt.phc, tt.secret)
			}
			for _, wrong := range []string{"", tt.secret + "x", strings.ToUpper(tt.secret) + " "} {
				if h.matches(wrong) {
					t.Errorf("%s matches %q", tt.phc, wrong)
				}
			}
		})
	}
}

func TestCheckImported(t *testing.T) {
	b64 := func(bytes int) string { return base64.RawStdEncoding.EncodeToString(make([]byte, bytes)) }
	argon := func(parameters string) string {
		return "$argon2id$v=19$" + parameters + "$" + b64(16) + "$" + b64(32)
	}
	tail := strings.Repeat("a", 52) + "e"
	tests := []struct {
		name, phc string
		// says is part of the refusal; "" takes the hash.
		says string
	}{
		{"argon2id as RFC 9106 recommends it for small machines", argon("m=65536,t=3,p=4"), ""},
		{"argon2id at the cap of memory", argon("m=131072,t=4,p=16"), ""},
		{"argon2id with 1 GiB", argon("m=1048576,t=1,p=1"), "more than 128 MiB"},
		{"argon2id a KiB above the cap", argon("m=131073,t=1,p=1"), "more than 128 MiB"},
		{"argon2id with all the memory that can be written", argon("m=4294967295,t=1,p=1"), "more than 128 MiB"},
		{"argon2id with more memory than can be written", argon("m=4294967296,t=1,p=1"), "malformed"},
		{"argon2id with a pass too many", argon("m=131072,t=5,p=1"), "too much time"},
		{"argon2id with little memory and endless passes", argon("m=8,t=4294967295,p=1"), "too much time"},
		{"argon2id with 17 threads", argon("m=65536,t=1,p=17"), "more than 16 threads"},
		{"argon2id with 256 threads", argon("m=65536,t=1,p=256"), "more than 16 threads"},
		{"argon2id with all the threads that can be written", argon("m=65536,t=1,p=4294967295"), "at least 8 times p"},
		{"argon2id without a pass", argon("m=65536,t=0,p=1"), "at least 1"},
		{"argon2id without a thread", argon("m=65536,t=1,p=0"), "at least 1"},
		{"argon2id with too little memory for its threads", argon("m=31,t=1,p=4"), "at least 8 times p"},
		{"argon2id in another order", argon("t=3,m=65536,p=4"), "malformed"},
		{"argon2id with a parameter more", argon("m=65536,t=3,p=4,data=AAAA"), "malformed"},
		{"argon2id with a leading zero", argon("m=065536,t=3,p=4"), "malformed"},
		{"argon2id with a sign", argon("m=+65536,t=3,p=4"), "malformed"},
		{"argon2id of version 16", strings.Replace(argon("m=65536,t=3,p=4"), "v=19", "v=16", 1), "v=19"},
		{"argon2id without a version", strings.Replace(argon("m=65536,t=3,p=4"), "v=19$", "", 1), "v=19"},
		{"argon2id with a salt of 7 bytes", "$argon2id$v=19$m=64,t=1,p=1$" + b64(7) + "$" + b64(32), "8 to 64"},
		{"argon2id with a salt of 65 bytes", "$argon2id$v=19$m=64,t=1,p=1$" + b64(65) + "$" + b64(32), "8 to 64"},
		{"argon2id with a key of 15 bytes", "$argon2id$v=19$m=64,t=1,p=1$" + b64(16) + "$" + b64(15), "16 to 64"},
		{"argon2id with a key of 65 bytes", "$argon2id$v=19$m=64,t=1,p=1$" + b64(16) + "$" + b64(65), "16 to 64"},
		{"argon2id with padding", "$argon2id$v=19$m=64,t=1,p=1$" + b64(16) + "==$" + b64(32), "salt"},
		{"argon2id with a line break", "$argon2id$v=19$m=64,t=1,p=1$" + b64(16) + "$" + b64(32) + "\n", "line break"},
		{"argon2i", strings.Replace(argon("m=65536,t=3,p=4"), "argon2id", "argon2i", 1), "cannot be imported"},
		{"bcrypt at the cap", "$2b$14$" + tail, ""},
		{"bcrypt of cost 15", "$2b$15$" + tail, "cost above 14"},
		{"bcrypt of cost 99", "$2b$99$" + tail, "cost above 14"},
		{"bcrypt of cost 3", "$2b$03$" + tail, "malformed"},
		{"bcrypt with a cost of one digit", "$2b$9$" + tail, "malformed"},
		{"bcrypt that was cut", "$2b$12$" + tail[1:], "malformed"},
		{"bcrypt with a character of another alphabet", "$2b$12$" + tail[1:] + "+", "malformed"},
		{"bcrypt with bits that none has", "$2b$12$" + tail[1:] + "b", "malformed"},
		{"bcrypt with the bug of 2x", "$2x$12$" + tail, "cannot be imported"},
		{"bcrypt of the first version", "$2$12$" + tail, "cannot be imported"},
		{"PBKDF2 at the cap", "$pbkdf2-sha512$i=2000000,l=64$" + b64(16) + "$" + b64(64), ""},
		{"PBKDF2 a round above the cap", "$pbkdf2-sha256$i=2000001,l=32$" + b64(16) + "$" + b64(32), "more than 2000000"},
		{"PBKDF2 of passlib a round above the cap", "$pbkdf2-sha256$2000001$" + b64(16) + "$" + b64(32), "more than 2000000"},
		{"PBKDF2 without a round", "$pbkdf2-sha256$0$" + b64(16) + "$" + b64(32), "malformed"},
		{"PBKDF2 with another length than it says", "$pbkdf2-sha256$i=1,l=16$" + b64(16) + "$" + b64(32), "malformed"},
		{"PBKDF2 with SHA-256 and twice its length", "$pbkdf2-sha256$i=1,l=64$" + b64(16) + "$" + b64(64), "longer than 32"},
		{"PBKDF2 in a mix of both forms", "$pbkdf2-sha256$i=1,l=32$" + b64(16) + "$....", "base64"},
		{"PBKDF2 without a salt", "$pbkdf2-sha256$1$$" + b64(32), "8 to 64"},
		{"PBKDF2 with SHA-1", "$pbkdf2$1000$" + b64(16) + "$" + b64(20), "cannot be imported"},
		{"a plain secret", "hunter2hunter2hunter2", "cannot be imported"},
		{"scrypt", "$scrypt$ln=16,r=8,p=1$" + b64(16) + "$" + b64(32), "cannot be imported"},
		{"a space before it", " $2b$12$" + tail, "a space"},
		{"a character that is not ASCII", "$2b$12$\u00e9" + tail[1:], "not ASCII"},
		{"nothing", "", "cannot be imported"},
		{"dollars", strings.Repeat("$", 512), "cannot be imported"},
		{"513 bytes", argon("m=64,t=1,p=1") + strings.Repeat("A", 512), "longer than 512 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := CheckImported(tt.phc)
			if tt.says == "" {
				if err != nil {
					t.Errorf("%s is refused: %v", tt.phc, err)
				}
				return
			}
			if err == nil {
				t.Fatalf("%s is taken", tt.phc)
			}
			if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("it says %q, want %q in it", err, tt.says)
			}
			isSentence(t, err.Error())
		})
	}
}

// isSentence complains about text that would not reach a caller as it is.
func isSentence(t *testing.T, text string) {
	t.Helper()
	outside := strings.IndexFunc(text, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' })
	if outside >= 0 || len(text) < 20 {
		t.Errorf("%q is no sentence for a caller", text)
	}
}

// A string that passes is bounded in what it costs, and comparing with it does
// not panic.
func FuzzPHC(f *testing.F) {
	for _, seed := range []string{
		"$2b$04$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
		"$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"$argon2id$v=19$m=1048576,t=4294967295,p=255$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"$pbkdf2-sha256$1$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44",
		"$pbkdf2-sha512$i=1,l=32$++/77/vvABEiMw$ihPxtSdEQpsi/xinpheU5bWCFXE5+Nrl7DQcCcYYncs",
		"$$$$$$", "$2b$", "$argon2id$v=19$$$",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h, err := parsePHC(text)
		if err != nil {
			isSentence(t, err.Error())
			return
		}
		cheap := false
		switch h := h.(type) {
		case *argon2id:
			cheap = h.memory*h.passes <= 1024 && h.threads <= 4
			if h.memory > maxArgonMemory || uint64(h.memory)*uint64(h.passes) > maxArgonCost || h.threads > maxArgonThreads {
				t.Errorf("%q costs %d KiB, %d passes, %d threads", text, h.memory, h.passes, h.threads)
			}
		case *pbkdf2Hash:
			cheap = h.rounds <= 100
			if h.rounds > maxRounds {
				t.Errorf("%q costs %d rounds", text, h.rounds)
			}
		case bcryptHash:
			cheap = strings.HasPrefix(text[3:], "$04$")
		}
		if cheap && h.matches("a secret that nothing was made of") {
			t.Errorf("%q matches a secret that it was not made of", text)
		}
	})
}
