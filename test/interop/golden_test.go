package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWireShapes(t *testing.T) {
	dir := t.TempDir()
	writeRow(t, dir, "client.json", fakeRow(t, "honest", map[string]string{"basic": "works", "bad_scope": "works"}, clientFeatureNames()))
	run := func(update bool) *report {
		m := newMatrix(t, dir)
		m.update = update
		rep, err := m.run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return rep
	}
	file := filepath.Join(dir, "golden", "honest", "basic.txt")

	rep := run(false)
	expectRed(t, find(t, rep, "honest", "basic"), "basic.txt is missing")
	rep = run(true)
	expectRed(t, find(t, rep, "honest", "basic"), "")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"POST /oauth2/token HTTP/1.1\nHost: {host}\n", "\nAuthorization: Basic base64({client_id}:{client_secret})\n", "curl/{v}\n",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("got %s, want %q in it", text, want)
		}
	}
	rep = run(false)
	expectRed(t, find(t, rep, "honest", "basic"), "")
	changed := strings.Replace(string(text), "Authorization", "authorization", 1)
	err = os.WriteFile(file, []byte(changed), 0o644)
	if err != nil {
		t.Fatal(err)
	}
	rep = run(false)
	expectRed(t, find(t, rep, "honest", "basic"), "- authorization: Basic base64({client_id}:{client_secret})\n    + Authorization")
	expectRed(t, find(t, rep, "honest", "bad_scope"), "")
}

func TestFilesOfNoCellAreNoticed(t *testing.T) {
	dir := t.TempDir()
	file, kept := filepath.Join(dir, "gone", "basic.txt"), filepath.Join(dir, "here", "basic.txt")
	for _, name := range []string{file, kept} {
		err := writeFile(name, "no request\n")
		if err != nil {
			t.Fatal(err)
		}
	}
	rows := []*row{{slug: "here", states: map[string]state{"basic": {verdict: works}, "post": {lacks, "forms"}}}}
	g := &golden{dir: dir}
	stale, err := g.stale(rows)
	if err != nil || len(stale) != 1 || stale[0] != file {
		t.Errorf("got %q, %v, want %q", stale, err, file)
	}
	g.update = true
	stale, err = g.stale(rows)
	_, gone := os.Stat(filepath.Dir(file))
	if err != nil || len(stale) != 0 || !os.IsNotExist(gone) {
		t.Errorf("got %q, %v, %v, want it removed", stale, err, gone)
	}
}

func TestShape(t *testing.T) {
	v := volatile{{"localhost:4433", "{host}"}, {"aB-c", "{client_id}"}}
	e := &exchange{
		head: []string{
			"POST /oauth2/token?trace=0af76519-16cd-43dd-8448-eb211c80319c HTTP/1.1", "host:localhost:4433",
			"User-Agent: tool2/v1.2.3-beta (x86_64-pc-linux-gnu)", "authorization: basic YUItYzpzM2M6ciUyNQ==",
			"Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "Content-Length: 14", "Date: today",
			`Content-Type: multipart/form-data; boundary="xyz"`, "X-Client-VER: 4.1",
		},
		body: []byte("xyz id=aB-c xyz"),
	}
	want := `POST /oauth2/token?trace={uuid} HTTP/1.1
host:{host}
User-Agent: tool2/{v} ({v})
authorization: basic base64({client_id}:s3c:r%25)
Traceparent: {trace}
Content-Length: {n}
Date: {date}
Content-Type: multipart/form-data; boundary="{boundary}"
X-Client-VER: {v}

{boundary} id={client_id} {boundary}
`
	got := v.request(e)
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
