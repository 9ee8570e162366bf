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
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

// onceFor is how long an answer is kept.
const onceFor = 24 * time.Hour

// doOnce does what is asked for, or gives the answer again that an earlier request with
// this Idempotency-Key got. The answer is kept in the transaction that does it: after a 503
// the same request is either done then, or answered with what was done the first time.
func (c *call) doOnce(do func() (any, error)) error {
	key, given, err := c.idempotencyKey()
	if err != nil {
		return err
	}
	var kept []byte
	if given {
		told, err := c.again(key)
		if told || err != nil {
			return err
		}
		c.ctx = admin.Keeping(c.ctx, func(answer any) (store.Mutation, error) {
			body, err := encode(answer)
			if err != nil {
				return nil, err
			}
			kept = body
			return c.keep(key, body)
		})
	}
	out, err := do()
	if err != nil && given {
		// Another one with this key may have been done since, and be what stands in the way.
		told, seen := c.again(key)
		if told {
			return seen
		}
		return repeatable(err)
	}
	body := kept
	if err == nil && body == nil && c.route.Status != http.StatusNoContent {
		body, err = encode(out)
	}
	if err == nil {
		c.write(body)
	}
	return err
}

func encode(answer any) ([]byte, error) {
	body, err := json.Marshal(answer, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	return append(body, '\n'), nil
}

// once names the request: its id and the hash of what it asks. Another caller's key of the
// same name is another one, and so is that of another call. A token with other scopes asks
// for something else: the answer may hold the secret of a key that it could not make.
func (c *call) once(key string) (id, body [32]byte) {
	may := strings.Join(slices.Sorted(slices.Values(c.caller.scopes)), " ") + "\n" + c.caller.key.Owner
	return sha256.Sum256([]byte(c.caller.key.ClientID + "\n" + c.route.Path + "\n" + key)),
		sha256.Sum256([]byte(c.r.URL.EscapedPath() + "\n" + may + "\n" + string(c.body)))
}

func (c *call) keep(key string, answer []byte) (store.Mutation, error) {
	id, hash := c.once(key)
	sealed, err := c.sealAnswer(key, hash, answer)
	return store.KeepAnswer{ID: id, Body: hash, Answer: sealed, Until: c.api.Now().Add(onceFor)}, err
}

// repeatable says what may be done after an answer that leaves open what was done.
func repeatable(err error) error {
	p, ok := errors.AsType[*web.Problem](err)
	if !ok || p.Status != http.StatusServiceUnavailable {
		return err
	}
	again := *p
	again.Hint, again.Cause = "send it again in a moment with the same Idempotency-Key: it is done once", err
	return &again
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

// again answers a request that was done before, and reports whether it was.
func (c *call) again(key string) (bool, error) {
	id, hash := c.once(key)
	kept, err := c.api.Once.KeptAnswer(c.ctx, id, c.api.Now())
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, unanswerable(err)
	}
	if subtle.ConstantTimeCompare(kept.Body[:], hash[:]) != 1 {
		return true, &web.Problem{
			Status: http.StatusUnprocessableEntity, Detail: "this Idempotency-Key came with another request before",
			Hint: "make a new one for each request; repeat the same request with the same one",
		}
	}
	body, err := c.openAnswer(key, hash, kept.Answer)
	if err != nil {
		return true, &web.Problem{
			Status: http.StatusConflict, Detail: "the request with this Idempotency-Key was done, and its answer cannot be read any more",
			Hint: "list what is there; a key whose secret you have not seen is deleted and made again", Cause: err,
		}
	}
	c.w.Header().Set("Idempotency-Replayed", "true")
	c.write(body)
	return true, nil
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

func unanswerable(err error) error {
	return &web.Problem{
		Status: http.StatusServiceUnavailable, Detail: "the database cannot answer now; nothing was changed",
		Hint: "try again in a moment with the same Idempotency-Key", Cause: err,
	}
}
