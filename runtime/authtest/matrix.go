package authtest

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// A GuardedHandler is what generated code makes of handlers; every *GuardedServer is one.
type GuardedHandler interface {
	http.Handler
	Routes() []runtime.Route
}

// A Principal is somebody who sends requests in [Matrix].
type Principal struct {
	Name string // the head of the column

	// As makes a new request one of the principal's: it sets the header fields or adds the cookies that a client of
	// theirs would send, or is what [Backend.As] returns. It is called in the goroutine of the test, once a request.
	As func(r *http.Request)
}

// Anonymous is the name of the principal that every matrix begins with: requests as they are, without a credential.
const Anonymous = "anonymous"

// As returns what makes requests of [Matrix] the principal's where the backend is this one: it is set before the
// request, and set back to nobody behind it.
func (b *Backend) As(p *runtime.Principal) func(*http.Request) {
	return func(r *http.Request) {
		b.Set(p)
		if probe := probeOf(r.Context()); probe != nil {
			probe.after = append(probe.after, func() { b.Set(nil) })
		}
	}
}

// Matrix sends a request to every route as every principal, and fails the test if what the guards decide is not what a
// file of the package says: testdata/matrix/TEST.txt, with the name of the test, for people to review. The failure
// names each decision that changed, and those that let in who was refused before. The file is written anew, after a
// change that is meant, by
//
//	go test -run '^TEST$' -authtest.update
//
// or with the flag -update where the test's own package defines one.
//
// The handler must be made with the option [DryRun], so that no request comes as far as the handler behind its guard:
// nothing is deleted, and an answer 403 of a handler's own is not taken for a decision. Backends, providers and guards
// are the real ones. A request that reaches no guard ends the test; guarded routes are asked first, anonymously, so a
// server that was made without the option runs none of their handlers.
//
// Further arguments are the requests to send, as "[METHOD ][HOST]/PATH[?QUERY]". Each must fit a route, and each is a
// line of the file for every route that it fits: "/articles/1" is one for GET /articles/{id} and one for DELETE
// /articles/{id}, and with "/articles/2", which somebody else wrote, each of them has two. A route without such a
// request is sent its own pattern; one with a wildcard cannot be, and fails the test. A pattern without a method is
// asked once, by GET if nothing else serves that: its guard is the same for all methods.
//
// Requests have no body and say that the site itself sent them (Sec-Fetch-Site: same-origin), so that no cookie is
// refused on account of where it comes from. They are sent in turn, by calls of ServeHTTP.
//
// Answers 400, 429 and 5xx are no decisions about somebody, and fail the test. So does a handler without routes, and a
// name that is taken, empty, not printable or "anonymous". Matrix can be called once in a test or subtest.
func Matrix(t testing.TB, handler GuardedHandler, principals []Principal, requests ...string) {
	t.Helper()
	if _, called := matrices.LoadOrStore(t.Name(), true); called {
		t.Fatalf("authtest: Matrix is called twice in %s, and would write one file twice; use t.Run", t.Name())
	}
	t.Cleanup(func() { matrices.Delete(t.Name()) })
	if err := checkPrincipals(principals); err != nil {
		t.Fatalf("authtest: %v", err)
	}
	rows, err := newRows(handler.Routes(), requests)
	if err != nil {
		t.Fatalf("authtest: %v", err)
	}
	all := append([]Principal{{Name: Anonymous}}, principals...)
	if !fillRows(t, handler, rows, all) {
		return
	}
	compareGolden(t, render(t.Name(), all, rows))
}

// matrices has the names of tests that run and have called Matrix.
var matrices sync.Map

func checkPrincipals(principals []Principal) error {
	names := map[string]bool{}
	for i, p := range principals {
		switch {
		case p.Name == Anonymous:
			return fmt.Errorf("principal %d is called %q, who is in every matrix", i, p.Name)
		case !isPrintable(p.Name):
			return fmt.Errorf("principal %d is called %q; a name is printable words with one space between them", i, p.Name)
		case names[p.Name]:
			return fmt.Errorf("two principals are called %q", p.Name)
		case p.As == nil:
			return fmt.Errorf("principal %q has no function As, so it would be anonymous", p.Name)
		}
		names[p.Name] = true
	}
	return nil
}

// isPrintable reports whether a name can be the head of a column: columns have two spaces between them.
func isPrintable(name string) bool {
	for _, r := range name {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return utf8.ValidString(name) && name != "" && name == strings.Join(strings.Fields(name), " ")
}

// fillRows sends all requests, and reports whether all of them were decided.
//
// One principal after the other, and the anonymous one first: a backend that remembers has nobody to remember then.
func fillRows(t testing.TB, handler http.Handler, rows []*row, principals []Principal) (decided bool) {
	t.Helper()
	decided = true
	for _, p := range principals {
		for _, row := range guardedFirst(rows) {
			event, err := send(t, handler, row, p)
			if err != nil {
				// Not one request more: if the handlers do run, they shall not run again.
				t.Fatalf("authtest: %s as %s: %v", row, p.Name, err)
			}
			decision, err := decisionOf(event, row, p)
			if err != nil {
				t.Errorf("authtest: %s as %s: %v", row, p.Name, err)
				decided = false
			}
			row.decisions = append(row.decisions, decision)
		}
	}
	return decided
}

// guardedFirst returns the rows with those of public routes behind the others.
func guardedFirst(rows []*row) []*row {
	var guarded, public []*row
	for _, row := range rows {
		if row.route.Public {
			public = append(public, row)
		} else {
			guarded = append(guarded, row)
		}
	}
	return append(guarded, public...)
}

// allowed is the decision for a request that its handler would have got. All others are numbers.
const allowed = "allowed"

// decisionOf returns what the file has of a decision, or an error if it is none about the principal.
func decisionOf(e *runtime.Event, row *row, p Principal) (string, error) {
	if e.Route.Pattern != row.route.Pattern {
		return "", fmt.Errorf("it is served by %q; give a request that only %q fits", e.Route.Pattern, row.route.Pattern)
	}
	if p.Name == Anonymous && e.UserID != "" {
		return "", fmt.Errorf("a request without a credential is one of %q; the backend has been set to somebody", e.UserID)
	}
	if e.Outcome == runtime.OutcomeAllowed {
		return allowed, nil
	}
	if e.Status == http.StatusBadRequest || e.Status == http.StatusTooManyRequests || e.Status >= 500 {
		return "", fmt.Errorf("refused with %d (%s), which says nothing about who may: %w", e.Status, e.Reason, causeOf(e))
	}
	return strconv.Itoa(e.Status), nil
}

func causeOf(e *runtime.Event) error {
	switch {
	case e.Err == nil:
		return errors.New("there is no cause")
	case e.Stack != nil:
		return fmt.Errorf("%w\n%s", e.Err, e.Stack)
	}
	return e.Err
}
