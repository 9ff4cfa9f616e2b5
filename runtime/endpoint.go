package runtime

import (
	"errors"
	"net/http"
	"time"
)

// An endpointKind is what becomes of anonymous requests. The zero value is the strictest.
type endpointKind uint8

const (
	guarded endpointKind = iota // they are refused
	public                      // the guard decides, unless a backend failed
	open                        // they are served
)

// An Endpoint stands before a handler. It is immutable and safe for concurrent use.
type Endpoint struct {
	api      *API
	kind     endpointKind
	backends []backend
	routes   []Route // one for each pattern
	unrouted Route   // for requests that come through another router
}

// route returns the route on which the request came in.
func (e *Endpoint) route(r *http.Request) *Route {
	for i := range e.routes {
		if e.routes[i].Pattern == r.Pattern {
			return &e.routes[i]
		}
	}
	return &e.unrouted
}

// Enter authenticates the request. It returns false if the request has been refused and answered; otherwise the guard
// is to be checked with the call.
func (e *Endpoint) Enter(w http.ResponseWriter, r *http.Request) (call Call, ok bool) {
	call = Call{endpoint: e, w: w, r: r, principal: anonymous, reason: ReasonNoCredentials}
	if len(e.api.observers) > 0 {
		call.start = time.Now()
	}
	call.authenticate()
	switch {
	case call.reason == ReasonAccepted:
		return call, !call.principal.ambient || call.passesOrigin()
	case e.kind == open:
		return call, true
	case call.reason == ReasonNoCredentials || call.reason == ReasonInvalidCredentials:
		if e.kind == public {
			return call, true
		}
		call.refuse(call.reason, answerAs(ErrUnauthenticated, call.cause))
	case call.reason == ReasonRevoked:
		call.refuse(call.reason, answerAs(ErrUnauthenticated, call.cause))
	case call.reason == ReasonUnavailable:
		call.refuse(call.reason, answerAs(ErrUnavailable, call.cause))
	case call.reason == ReasonThrottled:
		answer := answerFor(call.cause) // says when to try again
		call.refuse(call.reason, &Error{Status: http.StatusTooManyRequests, Detail: answer.Detail, Err: call.cause, RetryAfter: answer.RetryAfter})
	default:
		call.refuse(call.reason, &Error{Status: http.StatusInternalServerError, Err: call.cause})
	}
	return call, false
}

// authenticate asks the backends in turn, until one accepts the request or ends the chain.
func (c *Call) authenticate() {
	for i := range c.endpoint.backends {
		b := &c.endpoint.backends[i]
		p, reason, err := b.authenticate(c.r)
		switch reason {
		case ReasonAccepted:
			c.principal, c.backend, c.reason, c.cause = p, b, reason, nil
			return
		case ReasonNoCredentials:
			c.keep(i, err)
		case ReasonInvalidCredentials:
			c.keep(i, err)
			c.backend, c.reason, c.cause = b, reason, err
		default:
			c.keep(i, err)
			c.backend, c.reason, c.cause = b, reason, err
			return
		}
	}
}

// authenticate asks one backend. The principal counts if and only if the reason is ReasonAccepted.
func (b *backend) authenticate(r *http.Request) (p *Principal, reason Reason, err error) {
	defer func() {
		if v := recover(); v != nil {
			if v == http.ErrAbortHandler { // compared as net/http does
				panic(v)
			}
			p, reason, err = nil, ReasonBackendPanic, newPanicError(v)
		}
	}()
	p, err = b.Authenticate(r)
	if err != nil {
		return nil, reasonFor(err), err
	}
	if !p.IsAuthenticated() {
		return nil, ReasonBackendError, errNoPrincipal
	}
	return p, ReasonAccepted, nil
}

var errNoPrincipal = errors.New("the backend returned neither an authenticated principal nor an error")

// reasonFor classifies an error of a backend. Where it is several, the one that refuses counts.
func reasonFor(err error) Reason {
	switch {
	case err == ErrNoCredentials: // the most frequent one, without a walk
		return ReasonNoCredentials
	case errors.Is(err, ErrRevoked):
		return ReasonRevoked
	case errors.Is(err, ErrUnavailable):
		return ReasonUnavailable
	case errors.Is(err, ErrTooManyRequests):
		return ReasonThrottled
	case errors.Is(err, ErrInvalidCredentials):
		return ReasonInvalidCredentials
	case errors.Is(err, ErrNoCredentials):
		return ReasonNoCredentials
	}
	return ReasonBackendError
}

// passesOrigin checks where the request comes from, and refuses it if that is another site.
func (c *Call) passesOrigin() bool {
	if err := c.endpoint.api.checkOrigin(c.r); err != nil {
		c.refuse(ReasonCrossOrigin, answerAs(ErrForbidden, err))
		return false
	}
	return true
}
