package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const audience = "https://api.bench.example"

// grantd is a running server under test.
type grantd struct {
	*process
	program string
	data    string
	// address and admin are the host:port of the two listeners.
	address, admin string
}

// startGrantd starts the server with production settings on a data directory,
// which may be new.
func startGrantd(ctx context.Context, program, data string) (*grantd, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	admin, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	p, err := start(ctx, filepath.Clean(data)+".log", program, "serve", "--data", data,
		"--listen", address, "--admin-listen", admin, "--issuer", "http://"+address)
	if err != nil {
		return nil, err
	}
	return &grantd{process: p, program: program, data: data, address: address, admin: admin}, nil
}

// freeAddress finds a loopback port; the issuer has to be known before the
// server has one.
func freeAddress(ctx context.Context) (string, error) {
	config := net.ListenConfig{}
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// client makes the API and the key that the load uses.
func (g *grantd) client(ctx context.Context) (credentials, error) {
	const scope = "/bench.read"
	_, err := g.command(ctx, "api", "create", "--data", g.data, "--audience", audience, "--scope", scope, "--json")
	if err != nil {
		return credentials{}, err
	}
	text, err := g.command(ctx, "key", "create", "--data", g.data, "--name", "bench", "--api", audience, "--scope", scope, "--json")
	if err != nil {
		return credentials{}, err
	}
	who := credentials{}
	err = json.Unmarshal(text, &who)
	if err == nil && (who.ID == "" || who.Secret == "") {
		err = errors.New("client_id or client_secret is missing")
	}
	if err != nil {
		return who, fmt.Errorf("read the new key: %w", err)
	}
	return who, nil
}

func (g *grantd) command(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, g.program, args...)
	complaint := bytes.Buffer{}
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("grantd %s: %w: %s", strings.Join(args[:2], " "), err, strings.TrimSpace(complaint.String()))
	}
	return out, nil
}

// sample is one answer of the token endpoint, for the limit servers to imitate.
type sample struct {
	headers http.Header
	size    int
	// algorithm is the alg of the JWT.
	algorithm string
}

// token asks for one token the ordinary way.
func (g *grantd) token(ctx context.Context, who credentials) (sample, error) {
	body := url.Values{"grant_type": {"client_credentials"}, "client_id": {who.ID}, "client_secret": {who.Secret}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+g.address+tokenPath, strings.NewReader(body.Encode()))
	if err != nil {
		return sample{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return sample{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return sample{}, err
	}
	if resp.StatusCode != http.StatusOK {
		return sample{}, fmt.Errorf("ask for a token: %s: %s", resp.Status, text)
	}
	algorithm, err := jwtAlgorithm(text)
	return sample{headers: imitable(resp.Header), size: len(text), algorithm: algorithm}, err
}

func jwtAlgorithm(response []byte) (string, error) {
	answer := struct {
		AccessToken string `json:"access_token"`
	}{}
	err := json.Unmarshal(response, &answer)
	if err != nil {
		return "", fmt.Errorf("read the token response: %w", err)
	}
	head, _, _ := strings.Cut(answer.AccessToken, ".")
	text, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		return "", fmt.Errorf("read the token's header: %w", err)
	}
	header := struct {
		Algorithm string `json:"alg"`
	}{}
	err = json.Unmarshal(text, &header)
	if err != nil {
		return "", fmt.Errorf("read the token's header: %w", err)
	}
	return header.Algorithm, nil
}

// imitable drops the headers that net/http adds by itself.
func imitable(headers http.Header) http.Header {
	kept := headers.Clone()
	for _, name := range []string{"Date", "Content-Length", "Connection"} {
		kept.Del(name)
	}
	return kept
}
