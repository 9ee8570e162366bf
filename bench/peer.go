package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/grantd/grantd/oauth"
)

// peer is another authorization server, as its peer.json describes it.
type peer struct {
	// folder is where the description is; its name says which peer it is.
	folder string

	Name    string `json:"name"`
	Package string `json:"package"`
	Version string `json:"version"`
	// Settings say how it is set up, for people.
	Settings string `json:"settings"`
	// Setup and Run are command lines. Run prints a line "ready URL", and ends on
	// SIGTERM.
	Setup  command `json:"setup"`
	Run    command `json:"run"`
	Tokens []ware  `json:"tokens"`
	// Missing says why it cannot be had; empty when it can.
	Missing string `json:"missing"`
}

// ware is one kind of token that a peer issues.
type ware struct {
	// Format is an algorithm of JWTs, or opaque.
	Format string `json:"format"`
	call
	// Introspection asks about such a token; nil when the peer cannot tell.
	Introspection *call `json:"introspection"`
}

// call is a request to a peer.
type call struct {
	Path string `json:"path"`
	// Authentication is basic or post.
	Authentication string `json:"authentication"`
	ClientID       string `json:"client_id"`
	ClientSecret   string `json:"client_secret"`
	// Body is the form, without credentials; {token} in it stands for a token.
	Body string `json:"body"`
}

// command is a command line, as a list of words or as one text without quotes.
type command []string

// UnmarshalJSON reads either form.
func (c *command) UnmarshalJSON(text []byte) error {
	var words []string
	err := json.Unmarshal(text, &words)
	if err == nil {
		*c = words
		return nil
	}
	line := ""
	err = json.Unmarshal(text, &line)
	if err != nil {
		return errors.New("a command is a text or a list of texts")
	}
	*c = strings.Fields(line)
	return nil
}

// filled puts folders and a port in place of what stands for them, and finds a
// program that is in the folder of the peer.
func (c command) filled(here, build string, port int) command {
	replacer := strings.NewReplacer("{here}", here, "{build}", build, "{port}", strconv.Itoa(port))
	words := make(command, len(c))
	for i, word := range c {
		words[i] = replacer.Replace(word)
	}
	if len(words) == 0 {
		return words
	}
	program := filepath.Join(here, words[0])
	_, err := os.Stat(program)
	if err == nil && !filepath.IsAbs(words[0]) {
		words[0] = program
	}
	return words
}

// readPeers reads the descriptions in the folders below a folder, by name.
func readPeers(folder string) ([]peer, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*", "peer.json"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	peers := make([]peer, len(files))
	for i, file := range files {
		text, err := os.ReadFile(file)
		if err == nil {
			peers[i], err = parsePeer(text)
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		peers[i].folder, err = filepath.Abs(filepath.Dir(file))
		if err != nil {
			return nil, err
		}
	}
	dropRepetitions(peers)
	return peers, nil
}

// dropRepetitions leaves out the introspection of a peer that is another one with
// other settings, as the name of its folder says: a-b is a variant of a. What it
// measures there is measured already.
func dropRepetitions(peers []peer) {
	for i := range peers {
		for _, other := range peers {
			if !strings.HasPrefix(filepath.Base(peers[i].folder), filepath.Base(other.folder)+"-") {
				continue
			}
			for n := range peers[i].Tokens {
				if other.introspects(peers[i].Tokens[n].Format) {
					peers[i].Tokens[n].Introspection = nil
				}
			}
		}
	}
}

func (p peer) introspects(format string) bool {
	return slices.ContainsFunc(p.Tokens, func(w ware) bool { return w.Format == format && w.Introspection != nil })
}

func parsePeer(text []byte) (peer, error) {
	p := peer{}
	err := json.Unmarshal(text, &p)
	if err != nil {
		return p, err
	}
	if p.Name == "" {
		return p, errors.New("it has no name")
	}
	if p.Missing != "" {
		return p, nil
	}
	if len(p.Run) == 0 || len(p.Tokens) == 0 {
		return p, errors.New("it has neither run and tokens, nor a reason why they are missing")
	}
	for i := range p.Tokens {
		err = p.Tokens[i].check()
		if err != nil {
			return p, err
		}
	}
	return p, nil
}

// opaqueFormat is the format of tokens that say nothing.
const opaqueFormat = "opaque"

func (w *ware) check() error {
	w.Format = strings.TrimSuffix(w.Format, " JWT")
	if !slices.Contains([]string{"ES256", "EdDSA", "RS256", opaqueFormat}, w.Format) {
		return fmt.Errorf("unknown format %q of a token: ES256, EdDSA, RS256 or opaque", w.Format)
	}
	err := w.call.check()
	if err != nil || w.Introspection == nil {
		return err
	}
	return w.Introspection.check()
}

func (c call) check() error {
	switch {
	case c.Authentication != byBasic && c.Authentication != byPost:
		return fmt.Errorf("unknown authentication %q: basic or post", c.Authentication)
	case c.Path == "" || c.ClientID == "" || c.ClientSecret == "":
		return errors.New("a call needs path, client_id and client_secret")
	}
	_, err := url.ParseQuery(c.Body)
	return err
}

// The ways to authenticate.
const (
	byBasic = "basic"
	byPost  = "post"
)

// request returns the bytes of the call, about a token if there is one.
func (c call) request(host, token string) ([]byte, error) {
	form, err := url.ParseQuery(strings.ReplaceAll(c.Body, "{token}", url.QueryEscape(token)))
	if err != nil {
		return nil, err
	}
	if token == "" && !form.Has("grant_type") {
		form.Set("grant_type", string(oauth.ClientCredentials))
	}
	headers := ""
	if c.Authentication == byBasic {
		// RFC 6749 §2.3.1: both are form-encoded before they are put together.
		pair := url.QueryEscape(c.ClientID) + ":" + url.QueryEscape(c.ClientSecret)
		headers = "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(pair)) + "\r\n"
	} else {
		form.Set("client_id", c.ClientID)
		form.Set("client_secret", c.ClientSecret)
	}
	return formRequest(host, c.Path, headers, form), nil
}

// title is what the token is called.
func (w *ware) title() string {
	if w.Format == opaqueFormat {
		return "opaque token"
	}
	return w.Format + " JWT"
}
