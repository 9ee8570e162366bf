package config

import (
	"fmt"
	"net/netip"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/yamlfile"
)

// list reports whether the setting is a list. In the file it is one of YAML, and
// everywhere else its items have commas between them.
func (f field) list() bool {
	_, networks := f.pointer(&Config{}).(*[]netip.Prefix)
	return networks
}

// setNetworks reads networks with commas between them.
func (f field) setNetworks(p *[]netip.Prefix, text string) error {
	var networks []netip.Prefix
	for one := range strings.SplitSeq(text, ",") {
		network, err := f.network(strings.TrimSpace(one))
		if err != nil {
			return err
		}
		networks = append(networks, network)
	}
	*p = networks
	return nil
}

// network reads one network. Nothing of it is put right in silence: a network
// that is larger than its author thinks lets clients say where they are.
func (f field) network(text string) (netip.Prefix, error) {
	network, err := netip.ParsePrefix(text)
	if err != nil {
		err = fmt.Errorf("%s holds %.60q, which is not a network", f.path, text)
		return network, fault.Hint(err, "write networks in CIDR notation, such as 10.0.0.0/24 or 2001:db8::/64, and one address as 10.0.0.1/32")
	}
	if network.Addr().Is4In6() {
		err = fmt.Errorf("%s holds %s, which is IPv4 inside of IPv6", f.path, network)
		return network, fault.Hint(err, "write it as a network of IPv4, such as 10.0.0.0/24")
	}
	if network != network.Masked() {
		err = fmt.Errorf("%s holds %s, which has bits set behind the first %d", f.path, network, network.Bits())
		return network, fault.Hint(err, "write %s for the network, or %s for the address", network.Masked(), netip.PrefixFrom(network.Addr(), network.Addr().BitLen()))
	}
	if network.Bits() == 0 {
		err = fmt.Errorf("%s holds %s, which has every client in it", f.path, network)
		return network, fault.Hint(err, "list the networks of the proxies alone; from any other a client could say where it is")
	}
	return network, nil
}

// readNetworks reads a list of networks, each with its own line in the file.
func (l *loader) readNetworks(name, at string, f field, value *yaml.Node) {
	const hint = "write a list such as [10.0.0.0/24, 2001:db8::/64]"
	if value.Kind != yaml.SequenceNode {
		l.problem(at, fault.Hint(fmt.Errorf("%s must be a list of items, not %s", f.path, yamlfile.Describe(value)), hint))
		return
	}
	before := len(l.problems)
	var all []string
	for _, item := range value.Content {
		err := f.checkItem(item)
		if err != nil {
			l.problem(yamlfile.Position(name, item), err)
		}
		all = append(all, item.Value)
	}
	if len(l.problems) == before {
		l.assign(f, strings.Join(all, ","), at)
	}
}

func (f field) checkItem(item *yaml.Node) error {
	if yamlfile.Linked(item) {
		return fault.Hint(fmt.Errorf("%s must hold networks, and anchors and aliases are not known here", f.path), "write each network out")
	}
	if item.Kind != yaml.ScalarNode || item.ShortTag() != "!!str" {
		err := fmt.Errorf("%s must hold strings, not %s", f.path, yamlfile.Describe(item))
		return fault.Hint(err, "write each network as text, such as 10.0.0.0/24")
	}
	_, err := f.network(item.Value)
	return err
}

func texts(networks []netip.Prefix) []string {
	all := make([]string, len(networks))
	for i, network := range networks {
		all[i] = network.String()
	}
	return all
}
