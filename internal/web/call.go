package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"

	"github.com/go-json-experiment/json"
)

// maxCallBody is the most a JSON call may send, unless it says otherwise.
const maxCallBody = 1 << 20

// NoBody is the input of a call that takes no body.
type NoBody struct{}

// CallInfo is what a JSON call knows beside its body.
type CallInfo struct {
	// Actor is who calls, as the connection proved it: "uid:0".
	Actor string
	// Path returns a wildcard of the route by its name.
	Path func(name string) string
	// Query holds the parameters of the URL.
	Query url.Values
}

// Call serves f as a JSON call: the body is decoded strictly into In, what f
// returns is the answer with the given status (with 204 there is none), and an
// error becomes a [Problem]. A connection that does not say who calls is
// refused before anything is read.
func Call[In, Out any](p *Plumbing, route string, status int, f func(ctx context.Context, c CallInfo, in In) (Out, error)) http.Handler {
	return CallUpTo(p, maxCallBody, route, status, f)
}

// CallUpTo is [Call] for bodies of at most that many bytes.
func CallUpTo[In, Out any](p *Plumbing, limit int64, route string, status int, f func(ctx context.Context, c CallInfo, in In) (Out, error)) http.Handler {
	return p.Handle(route, func(w http.ResponseWriter, r *http.Request, rec *Record) {
		out, err := call(w, r, rec, limit, f)
		switch {
		case err != nil:
			writeProblem(w, rec, err)
		case status == http.StatusNoContent:
			rec.Status = status
			w.WriteHeader(status)
		default:
			writeResult(w, rec, status, out)
		}
	})
}

// writeResult encodes what a call returned. An answer may hold a secret, so it
// goes out under the same headers as a token.
func writeResult(w http.ResponseWriter, rec *Record, status int, out any) {
	body, err := json.Marshal(out)
	if err != nil {
		writeProblem(w, rec, fmt.Errorf("encode answer: %w", err))
		return
	}
	WriteJSON(w, rec, status, append(body, '\n'))
}

// ServeProblem answers every request with the same problem and headers.
func ServeProblem(p *Plumbing, route string, problem Problem, header map[string]string) http.Handler {
	return p.Handle(route, func(w http.ResponseWriter, _ *http.Request, rec *Record) {
		for name, value := range header {
			w.Header().Set(name, value)
		}
		writeProblem(w, rec, &problem)
	})
}

func call[In, Out any](w http.ResponseWriter, r *http.Request, rec *Record, limit int64, f func(context.Context, CallInfo, In) (Out, error)) (Out, error) {
	var in In
	var none Out
	actor, known := r.Context().Value(actorKey{}).(string)
	if !known {
		return none, &Problem{
			Status: http.StatusForbidden,
			Detail: "this connection does not say who is calling",
			Hint:   "use the Unix socket in the data directory",
		}
	}
	rec.Actor = actor
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return none, malformedCall("", "the query of the URL is malformed", "percent-encode its values")
	}
	err = readInput(w, r, limit, &in)
	if err != nil {
		return none, err
	}
	return f(r.Context(), CallInfo{Actor: actor, Path: r.PathValue, Query: query}, in)
}

// ReadInput reads the body of a JSON call into in, at most so many bytes of it, and ends
// the deadline for the body. Its errors are problems.
func ReadInput[In any](w http.ResponseWriter, r *http.Request, limit int64, in *In) error {
	return readInput(w, r, limit, in)
}

func readInput[In any](w http.ResponseWriter, r *http.Request, limit int64, in *In) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	_, tooLarge := errors.AsType[*http.MaxBytesError](err)
	if tooLarge {
		return &Problem{
			Status: http.StatusRequestEntityTooLarge,
			Detail: fmt.Sprintf("the body is larger than %d bytes", limit),
			Hint:   "send less at once",
		}
	}
	endBody(w)
	if err != nil {
		p := malformedCall("", "the body ended early or came too slowly", "")
		p.Cause = err
		return p
	}
	_, empty := any(*in).(NoBody)
	if empty && len(body) == 0 {
		return nil
	}
	if empty {
		return malformedCall("", "this call takes no body", "send the request without one")
	}
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/json" {
		return &Problem{
			Status: http.StatusUnsupportedMediaType,
			Detail: "the body must be JSON",
			Hint:   "send the header Content-Type: application/json",
		}
	}
	return DecodeJSON(body, in)
}

type actorKey struct{}

// WithActor returns a context that says who is calling; the listener that can
// prove it sets it for each connection.
func WithActor(ctx context.Context, actor string) context.Context {
	return context.WithValue(ctx, actorKey{}, actor)
}
