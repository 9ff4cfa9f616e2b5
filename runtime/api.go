package runtime

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"reflect"
	"strings"

	"github.com/boltauthgen/boltauthgen/internal/nilable"
)

// GeneratedCodeV1 is what generated code refers to if it was made for this version of the package. If it does not
// compile, run go generate again, or upgrade github.com/boltauthgen/boltauthgen to the version that generated it.
const GeneratedCodeV1 = true

// An API is the part of a guarded server that does not depend on its handlers: their endpoints, and a router.
// Generated code makes one in its constructor; it is not to be changed afterwards, and then safe for concurrent use.
type API struct {
	name         string
	mux          http.ServeMux
	hosts        bool // whether a pattern has a host
	routes       []Route
	errs         []error
	errorHandler ErrorHandler
	observers    []Observer // the application's, who want to know of everything; without any, what is worth it is logged
	withContext  func(context.Context, *Principal) context.Context
	crossOrigin  http.CrossOriginProtection
}

// NewAPI returns an API with these options. The name is the prefix of its errors.
func NewAPI(name string, options ...Option) *API {
	a := &API{name: name}
	for i, option := range options {
		if option == nil {
			a.fail(fmt.Errorf("option %d is nil", i))
			continue
		}
		option(a)
	}
	return a
}

// fail adds to what Err returns.
func (a *API) fail(err error) { a.errs = append(a.errs, fmt.Errorf("%s: %w", a.name, err)) }

// Err returns what is wrong with options, backends and patterns, or nil. An API with an error must not be used.
func (a *API) Err() error { return errors.Join(a.errs...) }

// A Backend is an authentication backend with the expression that it comes from.
type Backend struct {
	Expr          string // as written in the directive, "s.JWT"
	Authenticator Authenticator
}

// Backends is a list of authentication backends, in the order in which they are tried.
type Backends struct {
	exprs  []string
	list   []backend
	broken bool // there are more, which are errors of the API already
}

// A backend is an Authenticator that was found to be usable.
type backend struct {
	Authenticator
	name string
}

// Backends returns a list for endpoints of this API. A backend that is nil, has no name, is in the list twice, or is a
// [ConflictChecker] that another one of the list is in conflict with, is an error of the API.
func (a *API) Backends(backends ...Backend) *Backends {
	bs := new(Backends)
	for _, b := range backends {
		if nilable.IsNil(b.Authenticator) {
			a.fail(fmt.Errorf("backend %s is nil", b.Expr))
			bs.broken = true
			continue
		}
		if bs.has(b.Authenticator) {
			a.fail(fmt.Errorf("backend %s is in the list twice", b.Expr))
			continue
		}
		name, err := nameOf(b.Authenticator)
		if err != nil {
			a.fail(fmt.Errorf("backend %s: %w", b.Expr, err))
			bs.broken = true
			continue
		}
		a.checkConflicts(bs, b)
		bs.exprs = append(bs.exprs, b.Expr)
		bs.list = append(bs.list, backend{Authenticator: b.Authenticator, name: name})
	}
	return bs
}

// checkConflicts finds backends of the list that cannot be meant beside one more.
func (a *API) checkConflicts(bs *Backends, b Backend) {
	checker, ok := b.Authenticator.(ConflictChecker)
	if !ok {
		return
	}
	for i, other := range bs.list {
		if err := checker.ConflictsWith(other.Authenticator); err != nil {
			a.fail(fmt.Errorf("backends %s and %s: %w", bs.exprs[i], b.Expr, err))
		}
	}
}

// has reports whether the list has the authenticator. Values that cannot be compared are never the same.
func (bs *Backends) has(authenticator Authenticator) bool {
	for _, b := range bs.list {
		if reflect.ValueOf(authenticator).Comparable() && b.Authenticator == authenticator {
			return true
		}
	}
	return false
}

// nameOf asks for the name of a backend, which may not have been set up well enough to answer.
func nameOf(authenticator Authenticator) (name string, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("call Name: %w", newPanicError(v))
		}
	}()
	if name = authenticator.Name(); name == "" {
		return "", errors.New("it has no name")
	}
	return name, nil
}

// Guarded adds an endpoint that serves authenticated requests only, under zero or more patterns. It is an error of
// the API if there is no backend.
func (a *API) Guarded(backends *Backends, route Route, patterns ...string) *Endpoint {
	if backends == nil || len(backends.list) == 0 && !backends.broken {
		a.fail(fmt.Errorf("%s needs authentication and has no backend", route.Name))
	}
	return a.add(guarded, backends, route, patterns)
}

// Public adds an endpoint that serves anonymous requests, too, if the rest of its guard allows it: one that begins
// with AllowAny().
func (a *API) Public(backends *Backends, route Route, patterns ...string) *Endpoint {
	return a.add(public, backends, route, patterns)
}

// Open adds an endpoint that serves every request: one whose guard is AllowAny() and nothing else. Backends say who
// sent the request, if they can; where they fail it is served as anonymous. What another site sends in the name of a
// user is refused here, too.
func (a *API) Open(backends *Backends, route Route, patterns ...string) *Endpoint {
	return a.add(open, backends, route, patterns)
}

func (a *API) add(kind endpointKind, backends *Backends, route Route, patterns []string) *Endpoint {
	if backends == nil {
		backends = new(Backends)
	}
	route.Public = kind != guarded
	route.Backends = backends.exprs
	route.Pattern = ""
	e := &Endpoint{api: a, kind: kind, backends: backends.list, unrouted: route.clone()}
	for _, pattern := range patterns {
		if err := a.handle(pattern, route.Handler); err != nil {
			a.fail(fmt.Errorf("%s: %w", route.Name, err))
			continue
		}
		route.Pattern = pattern
		a.routes = append(a.routes, route.clone())
		e.routes = append(e.routes, route.clone())
	}
	return e
}

// handle registers a handler. The mux panics where the pattern is invalid or in conflict with another.
func (a *API) handle(pattern string, h http.Handler) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("pattern %q: %v", pattern, v)
		}
	}()
	a.mux.Handle(pattern, h)
	if path := pattern[strings.LastIndexAny(pattern, " \t")+1:]; path[0] != '/' {
		a.hosts = true
	}
	return nil
}

// Routes returns the endpoints' routes, one for each pattern, in the order in which they were added. The slice is the
// caller's own.
func (a *API) Routes() []Route {
	routes := make([]Route, len(a.routes))
	for i, route := range a.routes {
		routes[i] = route.clone()
	}
	return routes
}

// ServeHTTP serves the endpoint whose pattern fits the request, as [http.ServeMux] does, with the answers that it has
// for requests which fit none.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if a.hosts {
		r = withPlainHost(r)
	}
	a.mux.ServeHTTP(w, r)
}

// withPlainHost returns a request whose host is in the form in which patterns have it. The mux compares hosts as they
// are sent, so another spelling of a host, ADMIN.example.com or admin.example.com., would go past its patterns to
// those of no host, and to their guards.
func withPlainHost(r *http.Request) *http.Request {
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		host, port = r.Host, ""
	}
	plain := strings.TrimRight(strings.ToLower(host), ".")
	switch {
	case r.Method == http.MethodConnect: // the one method with which the mux takes the port for a part of the host
		host = r.Host
	case port != "":
		host, plain = r.Host, net.JoinHostPort(plain, port)
	}
	if plain == host {
		return r
	}
	r2 := new(http.Request)
	*r2 = *r
	r2.Host = plain
	return r2
}
