package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/grantd/grantd/internal/web"
)

const assetPath = "/console/assets/"

//go:embed assets
var assetFiles embed.FS

// asset is a file with its compressed form. Its name holds a hash of it, so that a
// browser need never ask again.
type asset struct {
	plain, packed []byte
	contentType   string
}

type assets struct {
	byURL map[string]asset
	urls  map[string]string
}

func loadAssets() (*assets, error) {
	a := &assets{byURL: map[string]asset{}, urls: map[string]string{}}
	types := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	files, err := fs.ReadDir(assetFiles, "assets")
	if err != nil {
		return nil, fmt.Errorf("list the assets: %w", err)
	}
	for _, file := range files {
		contentType := types[path.Ext(file.Name())]
		if contentType == "" {
			continue // the licence
		}
		plain, err := fs.ReadFile(assetFiles, "assets/"+file.Name())
		if err != nil {
			return nil, fmt.Errorf("read an asset: %w", err)
		}
		packed, err := pack(plain)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(plain)
		ext := path.Ext(file.Name())
		url := assetPath + strings.TrimSuffix(file.Name(), ext) + "." + base64.RawURLEncoding.EncodeToString(sum[:9]) + ext
		a.urls[file.Name()] = url
		a.byURL[url] = asset{plain, packed, contentType}
	}
	return a, nil
}

func pack(plain []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = z.Write(plain)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	return b.Bytes(), nil
}

func (a *assets) serve(w http.ResponseWriter, r *http.Request, rec *web.Record) {
	one, found := a.byURL[r.URL.Path]
	if !found {
		rec.Status = http.StatusNotFound
		http.Error(w, "there is no such asset; load the page again", rec.Status)
		return
	}
	body := one.plain
	h := w.Header()
	h.Set("Content-Type", one.contentType)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	h.Set("X-Content-Type-Options", "nosniff")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = one.packed
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	rec.Status = http.StatusOK
	w.WriteHeader(rec.Status)
	_, _ = w.Write(body) // a client that went away is no error of ours
}
