package console

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"github.com/grantd/grantd/internal/store"
)

const (
	codePeriod    = 30 * time.Second
	setupLifetime = 15 * time.Minute
)

// codeStep returns the period in which the code is right, now or right before or after.
func codeStep(secret, code string, now time.Time) (int64, bool) {
	code = strings.ReplaceAll(code, " ", "")
	found, step := false, int64(0)
	for _, skew := range []time.Duration{-codePeriod, 0, codePeriod} {
		at := now.Add(skew)
		want, err := totp.GenerateCode(secret, at)
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			found, step = true, at.Unix()/int64(codePeriod/time.Second)
		}
	}
	return step, found
}

// useCode takes a code once: whoever looked over a shoulder is too late.
func (c *Console) useCode(ctx context.Context, operatorID, secret, code string) (bool, error) {
	now := c.Now()
	step, right := codeStep(secret, code, now)
	if !right {
		return false, nil
	}
	begin := time.Unix(step*int64(codePeriod/time.Second), 0)
	return c.once(ctx, store.OneTime{
		Kind: store.UsedCode, Owner: operatorID, ID: strconv.FormatInt(step, 10),
		At: now, From: begin.Add(-codePeriod), Until: begin.Add(2 * codePeriod),
	})
}

// once notes that something was used, and says whether it was the first time.
func (c *Console) once(ctx context.Context, u store.OneTime) (bool, error) {
	err := c.Store.Use(ctx, u)
	_, forgotten := errors.AsType[*store.ForgottenError](err)
	if errors.Is(err, store.ErrUsed) || forgotten {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("note what was used: %w", err)
	}
	return true, nil
}

// codeSetup is a secret for one-time codes that is being set up. It waits, sealed, in the
// page itself, so that nothing is kept of those who never finish.
type codeSetup struct {
	Secret, Sealed string
	QR             template.HTML
}

func (c *Console) newCodeSetup(name string) (codeSetup, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "grantd", AccountName: name})
	if err != nil {
		return codeSetup{}, fmt.Errorf("make a secret for codes: %w", err)
	}
	return c.shownSetup(key.Secret(), name, c.Now().Add(setupLifetime))
}

func (c *Console) shownSetup(secret, name string, until time.Time) (codeSetup, error) {
	plain := strconv.FormatInt(until.Unix(), 10) + " " + secret
	sealed := base64.RawURLEncoding.EncodeToString(c.Sealer.Seal("code setup", []byte(plain)))
	key, err := otp.NewKeyFromURL("otpauth://totp/grantd:" + name + "?issuer=grantd&secret=" + secret)
	if err != nil {
		return codeSetup{}, fmt.Errorf("write the secret for codes: %w", err)
	}
	code, err := qrCode(key.URL())
	return codeSetup{Secret: secret, Sealed: sealed, QR: code}, err
}

// openSetup reads what newCodeSetup put into the page.
func (c *Console) openSetup(sealed string) (secret string, until time.Time, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(sealed)
	if err == nil {
		b, err = c.Sealer.Open("code setup", b)
	}
	if err != nil {
		return "", time.Time{}, false
	}
	ends, secret, _ := strings.Cut(string(b), " ")
	unix, err := strconv.ParseInt(ends, 10, 64)
	until = time.Unix(unix, 0)
	return secret, until, err == nil && c.Now().Before(until)
}

// qrCode draws a URL. Nothing of it but the squares gets into the page.
func qrCode(text string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("draw a QR code: %w", err)
	}
	const quiet = 4
	size := code.Bounds().Dx()
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg class="qr" role="img" aria-label="QR code of the secret" viewBox="0 0 %d %d" shape-rendering="crispEdges"><path class="paper" d="M0 0h%dv%dH0z"/><path class="ink" d="`,
		size+2*quiet, size+2*quiet, size+2*quiet, size+2*quiet)
	for y := range size {
		for x := range size {
			dark, _, _, _ := code.At(x, y).RGBA()
			if dark == 0 {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return template.HTML(b.String()), nil //nolint:gosec // G203: numbers alone
}
