package adminapi

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

// onceFor is how long an answer is kept.
const onceFor = 24 * time.Hour

// doOnce does what is asked for, or gives the answer again that an earlier request with
// this Idempotency-Key got.
func (c *call) doOnce(do func() ([]byte, error)) error {
	key, given, err := c.idempotencyKey()
	if err != nil {
		return err
	}
	if !given {
		body, err := do()
		if err == nil {
			c.write(body)
		}
		return err
	}
	now := c.api.Now()
	// Another caller's key of the same name is another one, and so is that of another call.
	id := sha256.Sum256([]byte(c.caller.key.ClientID + "\n" + c.route.Path + "\n" + key))
	hash := sha256.Sum256([]byte(c.r.URL.EscapedPath() + "\n" + string(c.body)))
	state, err := c.api.Once.BeginOnce(c.ctx, store.OnceRequest{ID: id, Body: hash, At: now, Until: now.Add(onceFor)})
	if err != nil {
		return unanswerable(err)
	}
	if state.Begun {
		return c.again(key, hash, state)
	}
	body, err := do()
	if err != nil {
		if certain(err) {
			// Nothing was done, so the same key may be tried again.
			err = errors.Join(err, c.api.Once.ForgetOnce(c.ctx, id))
		}
		return err
	}
	sealed, err := c.sealAnswer(key, hash, body)
	if err == nil {
		err = c.api.Once.FinishOnce(c.ctx, id, sealed)
	}
	if err != nil {
		// The answer is what counts; who asks again is told to look.
		c.rec.Cause = fmt.Errorf("keep the answer: %w", err)
	}
	c.write(body)
	return nil
}

func (c *call) idempotencyKey() (string, bool, error) {
	values := c.r.Header.Values("Idempotency-Key")
	if !c.route.once || len(values) == 0 {
		return "", false, nil
	}
	const most = 200
	key := strings.Trim(values[0], `"`)
	if len(values) > 1 || len(key) < 16 || len(key) > most || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", false, &web.Problem{
			Status: http.StatusBadRequest, Detail: "the Idempotency-Key is not 16 to 200 characters of printable ASCII",
			Hint: "make a random one for each request, such as a UUID",
		}
	}
	return key, true, nil
}

// again answers a request that was begun before.
func (c *call) again(key string, hash [32]byte, state store.OnceState) error {
	if subtle.ConstantTimeCompare(state.Body[:], hash[:]) != 1 {
		return &web.Problem{
			Status: http.StatusUnprocessableEntity, Detail: "this Idempotency-Key came with another request before",
			Hint: "make a new one for each request; repeat the same request with the same one",
		}
	}
	if len(state.Answer) == 0 {
		return &web.Problem{
			Status: http.StatusConflict, Detail: "the request with this Idempotency-Key was begun, and how it ended is not known",
			Hint: "if it is not under way any more, list what is there; a key whose secret you have not seen is deleted and made again",
		}
	}
	body, err := c.openAnswer(key, hash, state.Answer)
	if err != nil {
		return &web.Problem{
			Status: http.StatusConflict, Detail: "the request with this Idempotency-Key was done, and its answer cannot be read any more",
			Hint: "list what is there", Cause: err,
		}
	}
	c.w.Header().Set("Idempotency-Replayed", "true")
	c.write(body)
	return nil
}

// An answer may hold a secret. It is sealed under a key that takes both the master key and
// the Idempotency-Key, of which the store has neither.
func (c *call) sealAnswer(key string, hash [32]byte, body []byte) ([]byte, error) {
	aead, err := c.answerAEAD(key)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	rand.Read(nonce)
	return aead.Seal(nonce, nonce, body, hash[:]), nil
}

func (c *call) openAnswer(key string, hash [32]byte, sealed []byte) ([]byte, error) {
	aead, err := c.answerAEAD(key)
	if err != nil || len(sealed) < aead.NonceSize() {
		return nil, errors.Join(err, errors.New("the sealed answer is too short"))
	}
	return aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], hash[:])
}

func (c *call) answerAEAD(key string) (cipher.AEAD, error) {
	derived := c.api.UseCases.Derive("answer to be given again", []byte(c.caller.key.ClientID+"\n"+key))
	block, err := aes.NewCipher(derived[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// certain reports whether it is known that nothing was done.
func certain(err error) bool {
	p, ok := errors.AsType[*web.Problem](err)
	return ok && p.Status < http.StatusInternalServerError
}

func unanswerable(err error) error {
	return &web.Problem{
		Status: http.StatusServiceUnavailable, Detail: "the database cannot answer now; nothing was changed",
		Hint: "try again in a moment with the same Idempotency-Key", Cause: err,
	}
}
