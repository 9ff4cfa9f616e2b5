package runtime

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A Call is a request on its way through its guard to its handler. It lives on the stack of the generated method that
// serves it, and belongs to its goroutine.
//
// After Deny, DenyScope, DenyStale, DenyError and Refuse the request is answered, and the method must return. Allow
// comes before the handler, Fail and Respond after it. A method that returns without having done any of this refuses
// the request with 500, by Recover.
type Call struct {
	endpoint  *Endpoint
	w         http.ResponseWriter
	r         *http.Request
	principal *Principal
	backend   *backend  // the one that accepted the credential, ended the chain, or last found a credential invalid; nil if none did
	errs      []error   // of the backends, by their position; see keep
	reason    Reason    // how authentication ended
	cause     error     // why it ended so; nil if there is nothing to say
	start     time.Time // zero if nobody asks
	decided   bool
}

// keep keeps the error of a backend for its challenge. The usual one is not worth an allocation: what is missing is
// ErrNoCredentials.
func (c *Call) keep(i int, err error) {
	if err == ErrNoCredentials {
		return
	}
	if c.errs == nil {
		c.errs = make([]error, len(c.endpoint.backends))
	}
	c.errs[i] = err
}

// Principal returns who sent the request. It is never nil, and anonymous only where the endpoint serves such requests.
func (c *Call) Principal() *Principal { return c.principal }

// Request returns the request with the principal in its context, and whatever [WithContext] adds. Call it at most once.
func (c *Call) Request() *http.Request {
	ctx := NewContext(c.r.Context(), c.principal)
	if f := c.endpoint.api.withContext; f != nil {
		ctx = f(ctx, c.principal)
	}
	c.r = c.r.WithContext(ctx)
	return c.r
}

// Allow records that the guard holds. From here on the request is the handler's, its panics included.
func (c *Call) Allow() {
	switch {
	case c.principal.ambient:
		protectCached(c.w.Header())
	case c.principal.userID != "" && len(c.r.Header["Authorization"]) == 0:
		// Caches know of no other field that makes an answer somebody's (RFC 9111 section 3.5).
		c.w.Header().Add("Cache-Control", "private")
	}
	c.decided = true
	if len(c.endpoint.api.observers) > 0 || c.cause != nil {
		c.notify(Event{Outcome: OutcomeAllowed, Reason: c.reason, Err: c.cause})
	}
}

// Deny refuses the request because a step of its guard is false: with 401 if it is anonymous, and could be something
// else, with 403 otherwise.
func (c *Call) Deny() {
	if c.couldAuthenticate() {
		c.refuse(ReasonDenied, answerAs(ErrUnauthenticated, c.cause))
		return
	}
	c.refuse(ReasonDenied, answerAs(ErrForbidden, nil))
}

// DenyScope refuses the request because its credential lacks one of these OAuth 2.0 scopes: with 403, and the
// challenge of RFC 6750 section 3.1. An anonymous request is refused as by Deny.
func (c *Call) DenyScope(scopes ...Scope) {
	if !c.principal.IsAuthenticated() {
		c.Deny()
		return
	}
	names := make([]string, len(scopes))
	for i, scope := range scopes {
		names[i] = scope.String()
	}
	c.challengeAgain("error", "insufficient_scope", "scope", strings.Join(names, " "))
	c.refuse(ReasonInsufficientScope, answerAs(ErrForbidden, nil))
}

// DenyStale refuses the request because the user proved who they are longer than maxAge ago: with 401, and the
// challenge of RFC 9470 section 3. An anonymous request is refused as by Deny.
func (c *Call) DenyStale(maxAge time.Duration) {
	if !c.principal.IsAuthenticated() {
		c.Deny()
		return
	}
	seconds := strconv.FormatInt(int64(max(maxAge, 0)/time.Second), 10)
	c.challengeAgain("error", "insufficient_user_authentication", "max_age", seconds)
	c.refuse(ReasonStale, answerAs(ErrUnauthenticated, nil))
}

// DenyError refuses the request because a step of its guard returned an error: as the error says if that is 401 or
// 403, and with 500 otherwise.
func (c *Call) DenyError(err error) { c.refuse(ReasonGuardError, refusalFor(err)) }

// Refuse refuses the request because a path value did not parse, or a provider returned an error: with the status of
// the [*Error] that it is or wraps, and with 500 if there is none.
func (c *Call) Refuse(err error) { c.refuse(ReasonBindingError, answerFor(err)) }

// Recover is deferred by generated code. Until the decision is made, it refuses the request with 500 if something
// panics, or if the method returns without a decision. After that it does nothing at all, so that a panic of the
// handler goes its way with its stack.
func (c *Call) Recover() {
	if c.decided {
		return
	}
	v := recover()
	if v == nil { // or runtime.Goexit, or panic(nil) where a program insists on it
		c.refuse(ReasonUndecided, answerFor(errUndecided))
		return
	}
	if v == http.ErrAbortHandler { // compared as net/http does
		panic(v)
	}
	c.refuse(ReasonPanic, answerFor(newPanicError(v)))
}

var errUndecided = errors.New("the request was neither allowed nor refused")

// Fail answers the request with the error that its handler returned. If the handler has sent something already, the
// answer is left alone.
func (c *Call) Fail(err error) { c.fail(ReasonHandlerError, err) }

func (c *Call) fail(reason Reason, err error) {
	answer := answerFor(err)
	sent, _ := headerSent(c.w)
	c.notify(Event{Outcome: OutcomeFailed, Reason: reason, Status: answer.Status, Begun: sent, Err: err})
	if sent {
		return
	}
	if answer.Status == http.StatusUnauthorized {
		c.challenge()
	}
	c.endpoint.api.answer(c.w, c.r, answer)
}

// Respond answers the request with the handler's result as JSON. The status is what the method StatusCode() int of
// the result returns, 200 without it. Nothing is sent before the result is encoded; if it cannot be, or its status is
// none of an answer, the request fails with 500.
func (c *Call) Respond(result any) {
	status := http.StatusOK
	if coder, ok := result.(interface{ StatusCode() int }); ok {
		status = coder.StatusCode()
	}
	if status < 200 || status > 999 {
		c.fail(ReasonResultError, fmt.Errorf("StatusCode returned %d", status))
		return
	}
	if status == http.StatusNoContent || status == http.StatusNotModified { // RFC 9110 section 6.4.1: without content
		c.w.WriteHeader(status)
		return
	}
	body, err := json.Marshal(result)
	if err != nil {
		// Not wrapped: whatever status the cause carries, this is 500.
		c.fail(ReasonResultError, fmt.Errorf("encode result: %v", err))
		return
	}
	c.w.Header().Set("Content-Type", "application/json")
	writeBody(c.w, c.r, status, body)
}

// couldAuthenticate reports whether the request is anonymous, and credentials could have changed that.
func (c *Call) couldAuthenticate() bool {
	return !c.principal.IsAuthenticated() && len(c.endpoint.backends) > 0
}

// refuse ends the request with an answer. An answer of 401 has the challenges of all backends, unless there is one
// already.
func (c *Call) refuse(reason Reason, answer *Error) {
	c.decided = true
	c.notify(Event{Outcome: OutcomeRefused, Reason: reason, Status: answer.Status, Err: answer.Err})
	if answer.Status == http.StatusUnauthorized && reason != ReasonStale {
		c.challenge()
	}
	c.endpoint.api.answer(c.w, c.r, answer)
}

// challenge adds the challenges of all backends, each for the error that it returned.
func (c *Call) challenge() {
	for i := range c.endpoint.backends {
		err := ErrNoCredentials
		if c.errs != nil && c.errs[i] != nil {
			err = c.errs[i]
		}
		if challenge := c.endpoint.backends[i].challenge(c.r.Context(), c.r, err); challenge != "" {
			c.w.Header().Add("WWW-Authenticate", challenge)
		}
	}
}

// challengeAgain adds the challenge of the backend that accepted the credential, with parameters that say what is
// missing from it.
func (c *Call) challengeAgain(params ...string) {
	challenge := c.backend.challenge(c.r.Context(), c.r, ErrNoCredentials)
	if challenge = extendChallenge(challenge, params...); challenge != "" {
		c.w.Header().Add("WWW-Authenticate", challenge)
	}
}

// notify completes the event and tells the observers.
func (c *Call) notify(e Event) {
	e.Route = c.endpoint.route(c.r)
	e.UserID = c.principal.userID
	if c.backend != nil {
		e.Backend = c.backend.name
	}
	if p, ok := e.Err.(*panicError); ok {
		e.Stack = p.stack
	}
	if !c.start.IsZero() {
		e.Duration = time.Since(c.start)
	}
	c.endpoint.api.notify(c.r.Context(), e)
}
