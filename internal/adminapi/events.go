package adminapi

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

const (
	// eventPoll is how often the feed is looked at.
	eventPoll = time.Second
	// heartbeat tells a listener, and what is between, that the stream is alive.
	heartbeat = 15 * time.Second
	// eventBatch is how many changes are read at once.
	eventBatch = 200
)

// eventQuery is the query of a stream of events.
type eventQuery struct {
	Owner string `query:"owner"`
}

// Event says that a record was created, changed or removed; what it is like now is at the
// record itself.
type Event struct {
	// Kind is client for a key, api, signing_key, revocation or not_before.
	Kind store.Kind `json:"kind"`
	ID   string     `json:"id"`
}

// tellEvents streams changes until the caller leaves or the server ends.
func tellEvents(c *call) error {
	var q eventQuery
	params, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return badQuery("", "the query of the URL is malformed", "percent-encode its values")
	}
	err = readQuery(params, &q)
	if err != nil {
		return err
	}
	owner := c.caller.key.Owner
	if owner != "" && q.Owner != "" && q.Owner != owner {
		return forbidden("", "a key with an owner is told of the keys of that owner only", "leave the owner out")
	}
	if owner == "" {
		owner = q.Owner
	}
	leave, err := c.api.streams.listeners.enter(c.caller.key.ClientID, maxListeners, listenersOfOne)
	if err != nil {
		return err
	}
	defer leave()
	at, err := c.startOfEvents()
	if err != nil {
		return err
	}
	web.BeginStream(c.w, c.rec, c.route.stream)
	c.rec.Cause = c.stream(at, owner)
	return nil
}

// startOfEvents is where Last-Event-ID says, or now.
func (c *call) startOfEvents() (store.Position, error) {
	last := c.r.Header.Get("Last-Event-ID")
	if last == "" {
		at, err := c.api.Feed.Head(c.ctx)
		if err != nil {
			return at, unanswerable(err)
		}
		return at, nil
	}
	var at store.Position
	number, tag, found := strings.Cut(last, "-")
	seq, err := strconv.ParseInt(number, 10, 64)
	text, malformed := hex.DecodeString(tag)
	if err != nil || malformed != nil || !found || seq < 0 || len(text) != len(at.Tag) {
		return at, &web.Problem{Status: http.StatusBadRequest, Detail: "Last-Event-ID is not the id of an event", Hint: "send the id of the last event that you have seen"}
	}
	at.Seq = seq
	copy(at.Tag[:], text)
	_, err = c.api.Feed.Changes(c.ctx, at, 1)
	if errors.Is(err, store.ErrForked) {
		return at, &web.Problem{Status: http.StatusGone, Detail: "the events after that one are not kept any more", Hint: "read everything again, and listen without Last-Event-ID"}
	}
	if err != nil {
		return at, unanswerable(err)
	}
	return at, nil
}

func (c *call) stream(at store.Position, owner string) error {
	ticker := time.NewTicker(eventPoll)
	defer ticker.Stop()
	silent := heartbeat
	for {
		changes, err := c.api.Feed.Changes(c.ctx, at, eventBatch)
		if err != nil && (c.ctx.Err() != nil || !errors.Is(err, store.ErrUnavailable)) {
			return err
		}
		if !c.stillMay() {
			return nil
		}
		text := ""
		for _, change := range changes {
			at = change.Position
			if owner == "" || c.concerns(change, owner) {
				text += eventText(change)
			}
		}
		silent += eventPoll
		if text == "" && silent >= heartbeat {
			// An id without data is no event, but a listener comes back with it: what was not
			// its business is not read again, and cannot be gone by then.
			text = eventID(at) + ": still here\n\n"
		}
		if text != "" {
			silent = 0
			err = send(c.w, text, streamPatience)
			if err != nil {
				return nil //nolint:nilerr // the listener has left
			}
		}
		if len(changes) == eventBatch {
			continue
		}
		select {
		case <-c.ctx.Done():
			return nil
		case <-c.api.Draining:
			return nil
		case <-ticker.C:
		}
	}
}

// stillMay ends the stream of a key that was disabled, or whose token has ended since.
func (c *call) stillMay() bool {
	again := &call{api: c.api, route: c.route, ctx: c.ctx, r: c.r, rec: &web.Record{}}
	return c.api.authenticate(again) == nil && again.authorize() == nil && again.caller.key.Owner == c.caller.key.Owner
}

// concerns reports whether a change is of a key that the owner has, or had until then.
func (c *call) concerns(change store.Change, owner string) bool {
	if change.Kind != store.KindClient {
		return false
	}
	if change.FormerOwner == owner {
		return true
	}
	key, err := c.api.UseCases.ShowKey(c.ctx, change.ID)
	return err == nil && key.Owner == owner
}

func eventText(change store.Change) string {
	data, err := json.Marshal(Event{change.Kind, change.ID})
	if err != nil {
		return ""
	}
	return eventID(change.Position) + "event: change\ndata: " + string(data) + "\n\n"
}

// eventID is empty before the first change.
func eventID(at store.Position) string {
	if at == (store.Position{}) {
		return ""
	}
	return fmt.Sprintf("id: %d-%x\n", at.Seq, at.Tag)
}
