package check

import (
	"fmt"
	"go/token"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/boltauthgen/boltauthgen/gen/diag"
	"github.com/boltauthgen/boltauthgen/gen/directive"
	"github.com/boltauthgen/boltauthgen/gen/model"
)

// A pattern is one route of a handler.
type pattern struct {
	directive.Directive
	text                string // with prefixes
	method, host, route string
	handler             *handler
}

// routes reads the handler's patterns.
func (c *checker) routes(h *handler) {
	prefix := c.prefix(c.own.Clause) + c.prefix(h.level)
	for i, d := range h.All(directive.Route) {
		p := pattern{Directive: d, handler: h}
		p.method, p.host, p.route = splitPattern(d.Args)
		if p.route == "" {
			c.at(badPattern, d.ArgsPos, d.End, strconv.Quote(d.Args), "it has no path")
			continue
		}
		p.route = prefix + p.route
		p.text = strings.TrimLeft(p.method+" "+p.host+p.route, " ")
		if problem := refusal(p); problem != "" {
			c.badPattern(p, problem)
			continue
		}
		h.out.Patterns = append(h.out.Patterns, p.text)
		h.routes = append(h.routes, p)
		h.wildcards(p.route, i == 0)
		c.patterns[h.receiver] = append(c.patterns[h.receiver], p)
	}
}

// refusal says what is wrong with a pattern, "" if nothing is. What net/http takes and no request can match is refused, too.
func refusal(p pattern) (problem string) {
	if problem := register(http.NewServeMux(), p.text); problem != "" {
		return problem
	}
	switch i := strings.IndexAny(p.route, " \t?#"); {
	case i >= 0 && p.route[i] <= ' ':
		return "its path contains white space; where that is meant, write %20"
	case i >= 0:
		return fmt.Sprintf("its path contains %q, but a pattern matches the path alone, without query and fragment", p.route[i])
	case p.method != strings.ToUpper(p.method):
		return "methods are case-sensitive: write " + strings.ToUpper(p.method)
	case p.host != plainHost(p.host):
		// Two spellings of a host would be two routes, and whoever sends the request chooses the spelling.
		return "hosts are compared letter by letter: write " + plainHost(p.host)
	}
	return ""
}

// plainHost returns a host as clients spell it.
func plainHost(host string) string { return strings.TrimRight(strings.ToLower(host), ".") }

// offset matches the beginning of what net/http says about a place in a pattern.
var offset = regexp.MustCompile(`^at offset (\d+): `)

// badPattern reports a pattern, at the place that the problem begins with if the pattern stands there as it was judged.
func (c *checker) badPattern(p pattern, problem string) {
	pos := p.ArgsPos
	if m := offset.FindStringSubmatch(problem); m != nil {
		problem = problem[len(m[0]):]
		if at, _ := strconv.Atoi(m[1]); p.text == p.Args {
			pos += token.Pos(at)
		}
	}
	c.at(badPattern, pos, p.End, strconv.Quote(p.text), problem)
}

// prefix returns the path that a level puts before its routes.
func (c *checker) prefix(t *directive.Target) string {
	d, ok := t.First(directive.Prefix)
	if !ok {
		return ""
	}
	bad := !strings.HasPrefix(d.Args, "/") || strings.HasSuffix(d.Args, "/") || strings.ContainsAny(d.Args, " \t") ||
		strings.Contains(d.Args, "...}") || strings.Contains(d.Args, "{$}") || register(http.NewServeMux(), "GET "+d.Args) != ""
	if bad {
		if diagnosed := badPrefix.At(c.fset, d.ArgsPos, d.End, d.Args); !c.reported(diagnosed) {
			c.report(diagnosed)
		}
		return ""
	}
	return d.Args
}

func (c *checker) reported(d diag.Diagnostic) bool {
	return slices.ContainsFunc(c.problems, func(o diag.Diagnostic) bool { return o.Pos == d.Pos && o.Rule == d.Rule })
}

// splitPattern takes a pattern of net/http apart.
func splitPattern(s string) (method, host, path string) {
	if i := strings.IndexAny(s, " \t"); i >= 0 {
		method, s = s[:i], strings.TrimLeft(s[i:], " \t")
	}
	if i := strings.IndexByte(s, '/'); i >= 0 {
		return method, s[:i], s[i:]
	}
	return method, s, ""
}

// register asks net/http itself whether it takes a pattern, and returns what it says if not.
func register(mux *http.ServeMux, pattern string) (problem string) {
	defer func() {
		if v := recover(); v != nil {
			problem = strings.TrimPrefix(fmt.Sprint(v), "http: ")
			if _, after, ok := strings.Cut(problem, fmt.Sprintf("parsing %q: ", pattern)); ok {
				problem = after
			}
			problem, _, _ = strings.Cut(problem, "\n")
		}
	}()
	mux.Handle(pattern, http.NotFoundHandler())
	return ""
}

var wildcard = regexp.MustCompile(`\{([^{}$.]+)(\.\.\.)?\}`)

// wildcards notes the wildcards of a path; only those count that every pattern of the handler has.
func (h *handler) wildcards(path string, first bool) {
	names, rests := map[string]bool{}, map[string]bool{}
	for _, m := range wildcard.FindAllStringSubmatch(path, -1) {
		h.mentioned[m[1]] = true
		if first || h.names[m[1]] {
			names[m[1]] = true
			rests[m[1]] = m[2] != "" || h.rests[m[1]]
		}
	}
	h.names, h.rests = names, rests
}

// conflicts reports patterns of one server that net/http would not take together, and patterns with a host through
// which a request can slip to a route without one.
func (c *checker) conflicts() {
	for _, all := range c.patterns {
		mux, refused := http.NewServeMux(), []pattern(nil)
		for i, p := range all {
			if register(mux, p.text) != "" {
				c.conflict(p, all[:i])
				refused = append(refused, p)
			} else {
				c.conflict(p, refused)
			}
			if p.host != "" {
				c.hostOverlaps(p, all)
			}
		}
	}
}

// conflict reports the first of the earlier patterns that a pattern conflicts with, if there is one.
func (c *checker) conflict(p pattern, before []pattern) {
	for _, other := range before {
		mux := http.NewServeMux()
		register(mux, other.text)
		if register(mux, p.text) != "" {
			c.reportPair(conflict, p, other)
			return
		}
	}
}

func (c *checker) reportPair(r diag.Rule, p, other pattern) {
	c.report(r.At(c.fset, p.ArgsPos, p.End, p.text, other.text).
		WithRelated(c.fset.PositionFor(other.ArgsPos, false), "%s, of %s", other.text, other.handler.Func.Name.Name))
}

// hostOverlaps reports patterns without a host that match what a pattern with one matches, under other guards.
func (c *checker) hostOverlaps(p pattern, all []pattern) {
	for _, other := range all {
		if other.host == "" && methodsOverlap(p.method, other.method) && !samePolicy(p.handler.out, other.handler.out) &&
			pathsOverlap(segments(p.route), segments(other.route)) {
			c.reportPair(hostOverlap, p, other)
		}
	}
}

// samePolicy reports whether two handlers let the same requests through.
func samePolicy(a, b *model.Handler) bool {
	guards := func(h *model.Handler) (s []string) {
		for _, g := range h.Guards {
			s = append(s, g.Text)
		}
		for _, step := range h.Steps { // one text may mean something else in each place
			step.Expr.AllPieces(func(p model.Piece) { s = append(s, p.Object, bindingKey(p.Binding)) })
		}
		for _, b := range h.Backends {
			s = append(s, "backend "+b.Key())
		}
		return s
	}
	return slices.Equal(guards(a), guards(b))
}

// bindingKey is equal for bindings that get their value in the same way; it is "" for nil.
func bindingKey(b *model.Binding) string {
	if b == nil {
		return ""
	}
	key := fmt.Sprint(b.Kind, " ", b.Wildcard, b.Convert)
	if b.Provider != nil {
		key += fmt.Sprint(*b.Provider)
	}
	for _, a := range b.Args {
		key += "(" + bindingKey(a) + ")"
	}
	return key
}

func methodsOverlap(a, b string) bool {
	return a == b || a == "" || b == "" || a == http.MethodGet && b == http.MethodHead || a == http.MethodHead && b == http.MethodGet
}

// segments splits a path; its last segment is "..." if it matches any rest.
func segments(path string) []string {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, p := range parts {
		if plain, err := url.PathUnescape(p); err == nil { // net/http compares them so
			parts[i] = plain
		}
	}
	last := parts[len(parts)-1]
	switch {
	case last == "" || strings.HasSuffix(last, "...}"):
		parts[len(parts)-1] = "..."
	case last == "{$}":
		parts[len(parts)-1] = ""
	}
	return parts
}

// pathsOverlap reports whether a request's path can match both.
func pathsOverlap(a, b []string) bool {
	for i := 0; ; i++ {
		switch {
		case i == len(a) || i == len(b):
			return len(a) == len(b)
		case a[i] == "..." || b[i] == "...":
			return true
		}
		wild := strings.HasPrefix(a[i], "{") && b[i] != "" || strings.HasPrefix(b[i], "{") && a[i] != ""
		if !wild && a[i] != b[i] {
			return false
		}
	}
}
