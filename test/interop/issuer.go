package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/grantd/grantd/test/blackbox"
)

// topic is an API of the verifiers: tokens of one algorithm and one typ.
type topic struct {
	algorithm string
	// jwt is set for the typ header JWT; otherwise it is at+jwt.
	jwt bool
	// other is set for a second API, whose tokens are for another audience.
	other bool
}

func (t topic) label() string {
	label := strings.ToLower(t.algorithm)
	if t.jwt {
		label += "-jwt"
	}
	if t.other {
		label = "other-" + label
	}
	return label
}

func (t topic) audience() string { return "https://" + t.label() + ".interop.test" }
func (t topic) scope() string    { return "/" + t.label() + ".read" }

func (t topic) typ() string {
	if t.jwt {
		return "JWT"
	}
	return "at+jwt"
}

func topics() []topic {
	var list []topic
	for _, algorithm := range algorithms {
		for _, jwt := range []bool{false, true} {
			list = append(list, topic{algorithm, jwt, false}, topic{algorithm, jwt, true})
		}
	}
	return list
}

// issuer is the grantd that verifiers get tokens of. It is not used for clients,
// because its signing keys are rotated for all at once.
type issuer struct {
	*server
	// speaker's tokens live an hour, brief's two seconds.
	speaker, brief blackbox.Key
	// readers are the resource servers' keys, for introspection.
	readers map[topic]blackbox.Key
	// foreign are tokens of another issuer with the same signing keys.
	foreign map[topic]string
}

// newIssuer starts grantd twice on the same data: first under another name,
// which gives tokens whose signature is right and whose issuer is not.
func newIssuer(ca *authority, dir string) (*issuer, error) {
	err := os.MkdirAll(dir, 0o700)
	if err != nil {
		return nil, err
	}
	s, err := newServer(ca, dir)
	if err != nil {
		return nil, err
	}
	// Nothing is recorded for any one of them, but they have to get through.
	s.proxy.begin()
	i := &issuer{server: s, readers: map[topic]blackbox.Key{}, foreign: map[topic]string{}}
	err = i.open()
	if err != nil {
		_ = i.close()
		return nil, err
	}
	return i, nil
}

func (i *issuer) open() error {
	err := i.serve("https://other-issuer.interop.test")
	if err != nil {
		return err
	}
	err = i.furnish()
	if err != nil {
		return err
	}
	err = i.process.Stop()
	if err != nil {
		return fmt.Errorf("stop the other issuer: %w", err)
	}
	return i.serve(i.issuer)
}

func (i *issuer) furnish() error {
	var scopes []string
	for _, t := range topics() {
		scopes = append(scopes, "--scope", t.scope())
		err := i.createAPI(t.audience(), "--scope", t.scope(), "--alg", t.algorithm, "--typ", t.typ())
		if err != nil {
			return err
		}
		i.readers[t], err = i.createKey("--resource-server", t.audience())
		if err != nil {
			return err
		}
	}
	var err error
	i.speaker, err = i.createKey(scopes...)
	if err != nil {
		return err
	}
	i.brief, err = i.createKey(append(scopes, "--access-token-lifetime", "2s")...)
	if err != nil {
		return err
	}
	for _, t := range topics() {
		i.foreign[t], err = i.mint(i.speaker, t.scope())
		if err != nil {
			return err
		}
	}
	return nil
}

func (i *issuer) close() error {
	i.proxy.end()
	return i.server.close()
}
