package authtest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	goruntime "runtime"
	"runtime/debug"
	"sync"
	"testing"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// DryRun is the option that a server needs for [Matrix]: the matrix's requests end when their guard holds, before their
// handler. All other requests are served as always, so that a test can log its principals in through the same server.
//
// It is an observer. Where there is none beside it, refusals are not logged.
func DryRun() runtime.Option { return runtime.WithObserver(dryRun{}) }

// dryRun observes what becomes of requests that have a probe in their context.
type dryRun struct{}

// Observe implements [runtime.Observer]. It does not return to a handler: no panic of an observer's gets through, and
// none should, but this ends the goroutine. It is one that send has started, or one that a middleware started there.
func (dryRun) Observe(ctx context.Context, e runtime.Event) {
	probe := probeOf(ctx)
	if probe == nil {
		return
	}
	probe.decide(e)
	if e.Outcome == runtime.OutcomeAllowed {
		probe.cancel() // for a middleware that waits for the goroutine
		goruntime.Goexit()
	}
}

// A probe is in the context of a matrix's request, and gets its decision.
type probe struct {
	cancel context.CancelFunc
	after  []func() // called when the request has ended

	mu    sync.Mutex
	event *runtime.Event // guarded by mu; the first one counts
}

type probeKey struct{}

// probeOf returns the probe of a request, or nil if it is not a matrix's.
func probeOf(ctx context.Context) *probe {
	p, _ := ctx.Value(probeKey{}).(*probe)
	return p
}

func (p *probe) decide(e runtime.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.event == nil {
		p.event = &e
	}
}

func (p *probe) decision() *runtime.Event {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.event
}

// finish undoes what was done for the request.
func (p *probe) finish() {
	p.cancel()
	for _, f := range p.after {
		f()
	}
}

// send sends a request as a principal and returns how it was decided.
func send(t testing.TB, handler http.Handler, row *row, principal Principal) (*runtime.Event, error) {
	ctx, cancel := context.WithCancel(t.Context())
	probe := &probe{cancel: cancel}
	defer probe.finish()
	r := row.target.request(context.WithValue(ctx, probeKey{}, probe))
	if principal.As != nil {
		principal.As(r)
	}
	w := httptest.NewRecorder()
	if err := serveApart(handler, w, r); err != nil {
		return nil, err
	}
	if event := probe.decision(); event != nil {
		return event, nil
	}
	return nil, fmt.Errorf("answered with %d, but no guard decided: either the server was made without the option authtest.DryRun(), "+
		"or the request did not reach the route", w.Code)
}

// serveApart serves a request in a goroutine that may end before the handler does. A panic is the error.
func serveApart(handler http.Handler, w http.ResponseWriter, r *http.Request) (err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if v := recover(); v != nil {
				err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
			}
		}()
		handler.ServeHTTP(w, r)
	}()
	<-done
	return err
}
