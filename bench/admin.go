package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"
)

// newKeys makes keys over the admin socket, as the command key create does one at a
// time.
func (g *grantd) newKeys(ctx context.Context, count int, audience string, scopes ...string) ([]credentials, error) {
	connect := func(ctx context.Context, _, _ string) (net.Conn, error) {
		dialer := net.Dialer{}
		return dialer.DialContext(ctx, "unix", filepath.Join(g.data, "admin.sock"))
	}
	// The server writes what several ask for at once together.
	const atOnce = 16
	client := http.Client{Timeout: time.Minute, Transport: &http.Transport{DialContext: connect, MaxIdleConnsPerHost: atOnce}}
	defer client.CloseIdleConnections()
	body, err := json.Marshal(map[string]any{"name": "one of many", "api": audience, "scopes": scopes})
	if err != nil {
		return nil, err
	}
	keys := make([]credentials, count)
	errs := make([]error, atOnce)
	var making sync.WaitGroup
	for worker := range atOnce {
		making.Go(func() {
			for i := worker; i < count && errs[worker] == nil; i += atOnce {
				keys[i], errs[worker] = newKey(ctx, &client, body)
			}
		})
	}
	making.Wait()
	return keys, errors.Join(errs...)
}

func newKey(ctx context.Context, client *http.Client, body []byte) (credentials, error) {
	who := credentials{}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://grantd/admin/v1/keys", bytes.NewReader(body))
	if err != nil {
		return who, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return who, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return who, err
	}
	err = json.Unmarshal(text, &who)
	if err != nil || who.ID == "" || who.Secret == "" {
		return who, fmt.Errorf("make a key: %s: %s", resp.Status, text)
	}
	return who, nil
}
