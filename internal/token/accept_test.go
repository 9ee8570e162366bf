package token

import "testing"

func TestWhichFormOfTheAnswerIsPreferred(t *testing.T) {
	const jwt = introspectionType
	tests := []struct {
		name, accept string
		want         bool
	}{
		{"nothing is asked for", "", false},
		{"RFC 9701 §4: the JWT alone", jwt, true},
		{"in any case", "Application/Token-Introspection+JWT", true},
		{"JSON alone", "application/json", false},
		{"something else alone", "text/html", false},
		{"anything", "*/*", false},
		{"any application", "application/*", false},
		{"a tie is JSON", jwt + ", application/json", false},
		{"a tie with anything is JSON", jwt + ", */*", false},
		{"JSON is worth less", "application/json;q=0.9, " + jwt, true},
		{"JSON is worth more", jwt + ";q=0.5, application/json;q=0.501", false},
		{"anything is worth less", jwt + ", */*;q=0.1", true},
		{"RFC 9110 §12.5.1: the narrower range decides", "*/*, application/json;q=0.2, " + jwt + ";q=0.3", true},
		{"RFC 9110 §12.5.1: a range of types is narrower than any", "application/*;q=0.1, */*, " + jwt + ";q=0.2", true},
		{"of the same range the higher weight", jwt + ";q=0.1, " + jwt + ";q=0.9, application/json;q=0.5", true},
		{"RFC 9110 §12.4.2: a weight of zero is a refusal", jwt + ";q=0", false},
		{"a weight of zero in full", jwt + ";q=0.000", false},
		{"the smallest weight", jwt + ";q=0.001", true},
		{"spaces around the weight", jwt + " ; q=0.5 , application/json ; q=0.4", true},
		{"other parameters do not matter", jwt + ";charset=utf-8;q=0.5, application/json;q=0.4", true},
		{"a weight above one is malformed", jwt + ";q=1.5", false},
		{"a weight of too many digits is malformed", jwt + ";q=0.1234", false},
		{"a weight that is no number is malformed", jwt + ";q=high", false},
		{"a weight with a sign is malformed", jwt + ";q=0.+1", false},
		{"an empty weight is malformed", jwt + ";q=", false},
		{"nothing but commas", ",,;,", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := prefersJWT(tt.accept); got != tt.want {
				t.Errorf("Accept %q: got %t, want %t", tt.accept, got, tt.want)
			}
		})
	}
}
