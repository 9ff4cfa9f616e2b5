package authtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// A row is a request to a route, and what was decided about it for each principal.
type row struct {
	route     runtime.Route
	target    target
	decisions []string
}

// String returns the route's pattern, and the request where that is something else.
func (r *row) String() string {
	pattern := patternOf(r.route)
	if request := r.target.String(); request != pattern {
		return pattern + "  " + request
	}
	return pattern
}

// patternOf returns the pattern of a route with one space behind the method.
func patternOf(route runtime.Route) string { return strings.Join(strings.Fields(route.Pattern), " ") }

// compare orders rows by path, then host, method and request, so that what can be done with a resource stands together.
func (r *row) compare(other *row) int {
	a, b := splitPattern(r.route.Pattern), splitPattern(other.route.Pattern)
	return cmp.Or(
		cmp.Compare(strings.TrimSuffix(a.path, "{$}"), strings.TrimSuffix(b.path, "{$}")),
		cmp.Compare(a.host, b.host), cmp.Compare(a.method, b.method), cmp.Compare(r.String(), other.String()),
	)
}

// A target is where a request goes. Host may be empty, and so may the method of one that is not complete.
type target struct{ method, host, path string }

// splitPattern returns the parts of [METHOD ][HOST]/PATH.
func splitPattern(pattern string) (t target) {
	method, rest, found := strings.Cut(strings.Join(strings.Fields(pattern), " "), " ")
	if !found {
		method, rest = "", method
	}
	i := max(strings.IndexByte(rest, '/'), 0)
	return target{method: method, host: rest[:i], path: rest[i:]}
}

func newTarget(text string) (target, error) {
	t := splitPattern(text)
	if !strings.HasPrefix(t.path, "/") || strings.Contains(t.path, " ") {
		return t, fmt.Errorf("request %q is not of the form \"[METHOD ][HOST]/PATH[?QUERY]\"", text)
	}
	if _, err := url.ParseRequestURI(t.path); err != nil {
		return t, fmt.Errorf("request %q: %w", text, err)
	}
	if _, err := http.NewRequest(t.method, "http://"+t.host, nil); err != nil {
		return t, fmt.Errorf("request %q: %w", text, err)
	}
	return t, nil
}

// String returns the target as newTarget reads it.
func (t target) String() string { return strings.TrimSpace(t.method + " " + t.host + t.path) }

// request returns a new request as a server gets it. Its host is example.com unless the target has one.
func (t target) request(ctx context.Context) *http.Request {
	r := httptest.NewRequestWithContext(ctx, t.method, t.path, nil)
	if t.host != "" {
		r.Host = t.host
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

// newRows returns the rows of all routes, in the order of the file. The error names every route that cannot be asked,
// and every request that fits none.
func newRows(routes []runtime.Route, requests []string) ([]*row, error) {
	if len(routes) == 0 {
		return nil, errors.New("the handler has no routes")
	}
	mux, err := newMux(routes)
	if err != nil {
		return nil, err
	}
	targets := make([]target, len(requests))
	var errs []error
	for i, request := range requests {
		if targets[i], err = newTarget(request); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	var rows []*row
	fits := make([]bool, len(requests))
	for _, route := range routes {
		found := false
		for i, t := range targets {
			if complete, ok := completeFor(mux, route, t); ok {
				rows = append(rows, &row{route: route, target: complete})
				found, fits[i] = true, true
			}
		}
		if found {
			continue
		}
		t, err := ownTarget(mux, route)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		rows = append(rows, &row{route: route, target: t})
	}
	for i, request := range requests {
		if !fits[i] {
			errs = append(errs, fmt.Errorf("request %q fits no route", request))
		}
	}
	slices.SortFunc(rows, (*row).compare)
	return slices.CompactFunc(rows, func(a, b *row) bool { return a.String() == b.String() }), errors.Join(errs...)
}

// newMux returns a mux that knows which route a request fits.
func newMux(routes []runtime.Route) (mux *http.ServeMux, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("routes: %v", v)
		}
	}()
	mux = http.NewServeMux()
	for _, route := range routes {
		mux.Handle(route.Pattern, http.NotFoundHandler())
	}
	return mux, nil
}

// methods are asked for where a pattern has none, in this order.
var methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// completeFor returns the target with what it lacks for a route, and whether it fits the route then.
func completeFor(mux *http.ServeMux, route runtime.Route, t target) (target, bool) {
	pattern := splitPattern(route.Pattern)
	t.host = cmp.Or(t.host, pattern.host)
	candidates := methods
	if method := cmp.Or(t.method, pattern.method); method != "" {
		candidates = []string{method}
	}
	for _, t.method = range candidates {
		if _, fit := mux.Handler(t.request(context.Background())); fit == route.Pattern {
			return t, true
		}
	}
	return target{}, false
}

// wildcard finds what stands for more than one path in a pattern.
var wildcard = regexp.MustCompile(`\{[^}]*\}`)

// ownTarget returns the one that a pattern is itself.
func ownTarget(mux *http.ServeMux, route runtime.Route) (target, error) {
	pattern := patternOf(route)
	path := strings.TrimSuffix(pattern, "{$}")
	if wildcard.MatchString(path) {
		example := splitPattern(wildcard.ReplaceAllString(path, "1")).path
		return target{}, fmt.Errorf("no request fits %s, which has a wildcard; give Matrix one more argument, such as %q", pattern, example)
	}
	t, err := newTarget(path)
	if err != nil {
		return target{}, err
	}
	if t, ok := completeFor(mux, route, t); ok {
		return t, nil
	}
	return target{}, fmt.Errorf("no request fits %s; give Matrix one more argument that does", pattern)
}
