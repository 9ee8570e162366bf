package config_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/config"
	"github.com/grantd/grantd/internal/fault"
)

func TestTrustedProxies(t *testing.T) {
	tests := []struct {
		name, yaml string
		networks   []string
		want, hint string
	}{
		{name: "an empty list", yaml: "proxies:\n  trusted: []\n"},
		{name: "a list in one line", yaml: "proxies: {trusted: [10.0.0.0/24, 2001:db8::/64]}\n", networks: []string{"10.0.0.0/24", "2001:db8::/64"}},
		{name: "an item a line", yaml: "proxies:\n  trusted:\n    - 10.0.0.1/32\n    - \"fe80::/10\"\n", networks: []string{"10.0.0.1/32", "fe80::/10"}},
		{name: "the header of RFC 7239", yaml: "proxies: {header: forwarded}\n"},
		{name: "another header", yaml: "proxies:\n  header: X-Real-IP\n", want: `grantd.yaml:2: proxies.header must be one of x-forwarded-for, forwarded, not "X-Real-IP"`},
		{name: "a string for the list", yaml: "proxies:\n  trusted: 10.0.0.0/24\n", want: "grantd.yaml:2: proxies.trusted must be a list of items, not a string", hint: "[10.0.0.0/24, 2001:db8::/64]"},
		{name: "nothing for the list", yaml: "proxies:\n  trusted:\n", want: "grantd.yaml:2: proxies.trusted must be a list of items, not nothing", hint: "write a list"},
		{name: "a list in the list", yaml: "proxies:\n  trusted:\n    - 10.0.0.0/24\n    - [10.0.1.0/24]\n", want: "grantd.yaml:4: proxies.trusted must hold strings, not a list of items", hint: "as text"},
		{name: "a number in the list", yaml: "proxies: {trusted: [10]}\n", want: "grantd.yaml:1: proxies.trusted must hold strings, not a number", hint: "as text"},
		{name: "nothing in the list", yaml: "proxies:\n  trusted:\n    -\n", want: "grantd.yaml:3: proxies.trusted must hold strings, not nothing", hint: "as text"},
		{name: "an anchor in the list", yaml: "proxies: {trusted: [&a 10.0.0.0/24]}\n", want: "grantd.yaml:1: proxies.trusted must hold networks, and anchors and aliases are not known here", hint: "write each network out"},
		{name: "an address without its length", yaml: "proxies:\n  trusted:\n    - 10.0.0.0/24\n    - 10.0.0.1\n", want: `grantd.yaml:4: proxies.trusted holds "10.0.0.1", which is not a network`, hint: "10.0.0.1/32"},
		{name: "a name", yaml: "proxies: {trusted: [localhost]}\n", want: `grantd.yaml:1: proxies.trusted holds "localhost", which is not a network`, hint: "CIDR"},
		{name: "two networks in one item", yaml: "proxies: {trusted: [\"10.0.0.0/24,10.0.1.0/24\"]}\n", want: `grantd.yaml:1: proxies.trusted holds "10.0.0.0/24,10.0.1.0/24", which is not a network`, hint: "CIDR"},
		{name: "bits behind the length", yaml: "proxies: {trusted: [10.0.0.7/24]}\n", want: "grantd.yaml:1: proxies.trusted holds 10.0.0.7/24, which has bits set behind the first 24", hint: "10.0.0.0/24 for the network, or 10.0.0.7/32"},
		{name: "IPv4 inside of IPv6", yaml: "proxies: {trusted: [\"::ffff:10.0.0.0/120\"]}\n", want: "grantd.yaml:1: proxies.trusted holds ::ffff:10.0.0.0/120, which is IPv4 inside of IPv6", hint: "network of IPv4"},
		{name: "everybody", yaml: "proxies: {trusted: [0.0.0.0/0]}\n", want: "grantd.yaml:1: proxies.trusted holds 0.0.0.0/0, which has every client in it", hint: "proxies alone"},
		{name: "everybody with IPv6", yaml: "proxies: {trusted: [\"::/0\"]}\n", want: "grantd.yaml:1: proxies.trusted holds ::/0, which has every client in it", hint: "proxies alone"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := config.Load(config.Sources{File: written(t, tt.yaml), Dev: true})
			if text(err) != tt.want || !strings.Contains(fault.HintOf(err), tt.hint) {
				t.Fatalf("Load of %q\n got %s, hint %q\nwant %s, hint %q", tt.yaml, text(err), fault.HintOf(err), tt.want, tt.hint)
			}
			checkNetworks(t, c, tt.networks)
		})
	}
}

func TestTrustedProxiesFromTheEnvironment(t *testing.T) {
	file := written(t, "proxies: {trusted: [10.0.0.0/24], header: forwarded}\n")
	tests := []struct {
		name, value string
		networks    []string
		want        string
	}{
		{"nothing leaves those of the file", "", []string{"10.0.0.0/24"}, ""},
		{"a list replaces those of the file", "10.0.1.0/24, 2001:db8::/64", []string{"10.0.1.0/24", "2001:db8::/64"}, ""},
		{"a comma too many", "10.0.1.0/24,", nil, `environment GRANTD_PROXIES_TRUSTED: proxies.trusted holds "", which is not a network`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := config.Load(config.Sources{File: file, Env: []string{"GRANTD_PROXIES_TRUSTED=" + tt.value}, Dev: true})
			if text(err) != tt.want {
				t.Fatalf("got %s\nwant %s", text(err), tt.want)
			}
			checkNetworks(t, c, tt.networks)
		})
	}
}

func checkNetworks(t *testing.T, c config.Config, want []string) {
	t.Helper()
	var networks []netip.Prefix
	for _, one := range want {
		networks = append(networks, netip.MustParsePrefix(one))
	}
	if diff := cmp.Diff(networks, c.Proxies.Trusted, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
