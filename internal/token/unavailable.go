package token

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

// instant is the time as the store and the handles keep it.
func instant(at time.Time) time.Time { return at.UTC().Truncate(time.Millisecond) }

// origin says that a key itself causes a write.
func origin(client *mirror.Client, now time.Time) store.Origin {
	return store.Origin{Actor: "key:" + client.ID, At: now}
}

// fresh refuses to answer from what is too old.
func fresh(age, most time.Duration) error {
	if age <= most {
		return nil
	}
	return unavailable("the server has lost touch with its store; try again shortly", nil)
}

// storeTime is how long the store may take for one write; a client gets an
// answer even when the disk hangs.
const storeTime = 5 * time.Second

func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, storeTime)
}

// storeFailed turns an error of the store into an answer: one that may pass by
// itself asks to try again, any other is a mistake of ours.
func storeFailed(doing string, err error) error {
	err = fmt.Errorf("%s: %w", doing, err)
	if errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrUnknown) {
		return unavailable("the server cannot reach its store; send the same request again shortly", err)
	}
	return err
}

func unavailable(sentence string, cause error) error {
	return &web.Error{
		Public:     oauth.Error{Code: oauth.TemporarilyUnavailable, Description: sentence},
		RetryAfter: time.Second,
		Cause:      cause,
	}
}
