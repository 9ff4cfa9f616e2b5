package gen_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// An oraclePackage is one random package with directives.
type oraclePackage struct {
	name     string
	backends []string
	lines    []*expr
	types    []*oracleType
}

// An oracleType is a receiver, or, without a name, the plain functions.
type oracleType struct {
	pkg      *oraclePackage
	name     string
	pointer  bool
	replaced bool
	backends []string // nil: the package's
	lines    []*expr
	handlers []*oracleHandler
}

// An oracleHandler is one random handler.
type oracleHandler struct {
	of           *oracleType
	name         string
	params       []string
	replaced     bool
	public, open bool
	ownBackends  []string // nil: those of the level above; empty: none
	lines        []*expr  // without AllowAny()
	backends     []string // that count
}

// steps returns all that count, outermost level first.
func (h *oracleHandler) steps() []*expr {
	var lines []*expr
	if !h.replaced && !h.public {
		if !h.of.replaced {
			lines = append(lines, h.of.pkg.lines...)
		}
		lines = append(lines, h.of.lines...)
	}
	var all []*expr
	for _, l := range append(lines, h.lines...) {
		all = append(all, l.steps()...)
	}
	return all
}

func (h *oracleHandler) path(n string) string {
	path := "/" + h.of.pkg.name + "/" + h.name
	if h.wantsN() {
		path += "/" + n
	}
	return path
}

func (h *oracleHandler) wantsN() bool {
	for _, p := range h.params {
		if p == "n" || p == "item" {
			return true
		}
	}
	return false
}

var backendLists = [][]string{{"First", "Second"}, {"Second", "First"}, {"First"}, {"Second"}}

// newPackage makes a package with random guards at all levels.
func newPackage(r *rand.Rand, number, handlersOfType int) *oraclePackage {
	p := &oraclePackage{name: fmt.Sprintf("p%d", number), backends: backendLists[r.IntN(len(backendLists))]}
	levels := &chooser{Rand: r, operands: append(builtins(r), packageOperands()...), errors: readyErrors}
	for range r.IntN(2) {
		possibleDefaults(&oracleType{pkg: p}, levels, &p.lines)
	}
	for i := range 4 {
		t := &oracleType{pkg: p, pointer: r.IntN(2) == 0}
		if i > 0 {
			t.name = fmt.Sprintf("T%d", i)
			c := &chooser{Rand: r, operands: append(levels.operands, typeOperands()...), errors: readyErrors}
			t.replaced = r.IntN(3) == 0
			for range r.IntN(2) {
				possibleDefaults(t, c, &t.lines)
			}
			if r.IntN(3) == 0 {
				t.backends = backendLists[r.IntN(len(backendLists))]
			}
		}
		for j := range handlersOfType {
			name := fmt.Sprintf("H%d%02d", i, j)
			h := newHandler(r, t, name)
			for h.size() != nil {
				h = newHandler(r, t, name)
			}
			t.handlers = append(t.handlers, h)
		}
		p.types = append(p.types, t)
	}
	return p
}

// possibleDefaults chooses a default line until a handler without guards of its own can be reached, since those that never hold are
// reported for one handler only.
func possibleDefaults(t *oracleType, c *chooser, lines *[]*expr) {
	for {
		*lines = []*expr{c.line(1)}
		if h := (&oracleHandler{of: t}); h.size() == nil && h.canHold() {
			return
		}
	}
}

var readyErrors = []func() operand{errorCall("ready()", func(*world) (bool, error) { return true, nil })}

// newHandler makes a handler with random parameters, and a random guard over them.
func newHandler(r *rand.Rand, t *oracleType, name string) *oracleHandler {
	h := &oracleHandler{of: t, name: name}
	for _, p := range []string{"ctx", "n", "user", "item", "p", "r"} {
		if r.IntN(3) == 0 {
			h.params = append(h.params, p)
		}
	}
	r.Shuffle(len(h.params), func(i, j int) { h.params[i], h.params[j] = h.params[j], h.params[i] })
	h.public = r.IntN(6) == 0
	h.open = h.public && r.IntN(5) == 0
	h.replaced = !h.public && r.IntN(8) == 0
	h.chooseBackends(r)
	c := h.chooser(r)
	switch {
	case h.open:
	case h.public:
		h.lines = []*expr{c.line(1 + r.IntN(2))}
	default:
		for range r.IntN(3) {
			h.lines = append(h.lines, c.line(r.IntN(4)))
		}
		if len(h.lines) == 0 && (h.replaced || len(h.steps()) == 0) {
			h.lines = []*expr{c.line(r.IntN(4))}
		}
	}
	return h
}

func (h *oracleHandler) chooseBackends(r *rand.Rand) {
	switch r.IntN(6) {
	case 0:
		h.ownBackends = backendLists[r.IntN(len(backendLists))]
	case 1:
		if h.public {
			h.ownBackends = []string{}
		}
	}
	switch {
	case h.ownBackends != nil:
		h.backends = h.ownBackends
	case h.of.backends != nil:
		h.backends = h.of.backends
	default:
		h.backends = h.of.pkg.backends
	}
}

// chooser returns what the handler's own lines are made of.
func (h *oracleHandler) chooser(r *rand.Rand) *chooser {
	c := &chooser{Rand: r, operands: packageOperands(), errors: readyErrors}
	if len(h.backends) > 0 { // a built-in guard needs one
		c.operands = append(append(c.operands, builtins(r)...), builtins(r)...)
	}
	if h.of.name != "" {
		c.operands = append(c.operands, typeOperands()...)
	}
	has := map[string]bool{}
	for _, p := range h.params {
		has[p] = true
	}
	for _, key := range []string{"n", "user", "item", "p", "r", "user item"} {
		if hasAll(has, key) {
			c.operands = append(append(c.operands, parameterOperands[key]...), parameterOperands[key]...)
		}
	}
	for _, key := range []string{"n", "ctx n", "p"} {
		if hasAll(has, key) {
			c.errors = append(c.errors[:len(c.errors):len(c.errors)], parameterErrors[key]...)
		}
	}
	return c
}

func hasAll(set map[string]bool, names string) bool {
	for _, n := range strings.Fields(names) {
		if !set[n] {
			return false
		}
	}
	return true
}

// source writes the package, without the handlers that skip names.
func (p *oraclePackage) source(skip map[string]bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "// Package %s is random.\n//\n%s%spackage %s\n%s", p.name, backendDirective(p.backends), guardDirectives(p.lines), p.name, userCode)
	for _, t := range p.types {
		if t.name != "" {
			fmt.Fprintf(&b, "\n//auth:prefix /%s\n//\n%s%s", p.name, backendDirective(t.backends), guardDirectives(t.lines))
			if t.replaced {
				b.WriteString("//auth:replace random\n")
			}
			fmt.Fprintf(&b, "type %s struct {\n\tFlag bool\n\tLevel int\n}\n\nfunc (s %s) flagged() bool { support.Call(\"s.flagged\"); return s.Flag }\n", t.name, t.receiver())
		}
		for _, h := range t.handlers {
			if !skip[p.name+"."+h.name] {
				b.WriteString(h.source())
			}
		}
	}
	return b.String()
}

func (t *oracleType) receiver() string {
	if t.pointer {
		return "*" + t.name
	}
	return t.name
}

func backendDirective(backends []string) string {
	if backends == nil {
		return ""
	}
	if len(backends) == 0 {
		return "//auth:backend none\n"
	}
	return "//auth:backend support." + strings.Join(backends, ", support.") + "\n"
}

func guardDirectives(lines []*expr) string {
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "//auth:guard %s\n", l)
	}
	return b.String()
}

var parameterTypes = map[string]string{"ctx": "context.Context", "n": "int", "user": "*User", "item": "*Item",
	"p": "*runtime.Principal", "r": "*http.Request"}

func (h *oracleHandler) source() string {
	var b strings.Builder
	route, prefix := strings.TrimPrefix(h.path("{n}"), "/"+h.of.pkg.name), ""
	if h.of.name == "" {
		prefix = "/" + h.of.pkg.name
	}
	fmt.Fprintf(&b, "\n//auth:route %s\n%s", prefix+route, backendDirective(h.ownBackends))
	if h.replaced {
		b.WriteString("//auth:replace random\n")
	}
	switch {
	case h.open:
		b.WriteString("//auth:guard AllowAny()\n")
	case h.public:
		fmt.Fprintf(&b, "//auth:guard AllowAny() && %s\n", h.lines[0])
	default:
		b.WriteString(guardDirectives(h.lines))
	}
	b.WriteString("func ")
	if h.of.name != "" {
		fmt.Fprintf(&b, "(s %s) ", h.of.receiver())
	}
	var params []string
	for _, p := range h.params {
		params = append(params, p+" "+parameterTypes[p])
	}
	fmt.Fprintf(&b, "%s(%s) string { return %q }\n", h.name, strings.Join(params, ", "), h.name)
	return b.String()
}

// userCode is what guards call. The oracle has the same functions, written again.
const userCode = `
import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime"

	"oracle/support"
)

var (
	Level        = 3
	Enabled      = true
	maxAge       = 2 * time.Hour
	errOther     = errors.New("no idea")
	_            = http.MethodPost
)

type User struct {
	ID    string
	Staff bool
}

type Item struct {
	N     int
	Owner string
}

//auth:provide optional
func user(p *runtime.Principal) (*User, error) {
	support.Call("user")
	if p.UserID() == "u4" {
		return nil, fmt.Errorf("load user: %w", runtime.ErrNotFound)
	}
	return &User{ID: p.UserID(), Staff: p.IsStaff()}, nil
}

//auth:provide
func item(ctx context.Context, n int) (*Item, error) {
	support.Call("item for " + runtime.FromContext(ctx).UserID())
	switch n {
	case 404:
		return nil, runtime.ErrNotFound
	case 503:
		return nil, runtime.ErrUnavailable
	case 500:
		return nil, nil
	}
	return &Item{N: n, Owner: fmt.Sprintf("u%d", n%4)}, nil
}

func yes() bool { support.Call("yes"); return true }

func no() bool { support.Call("no"); return false }

func odd(n int) bool { support.Call("odd"); return n%2 == 1 }

func open(i *Item) bool { support.Call("open"); return i.N%3 != 0 }

func owns(u *User, i *Item) bool { support.Call("owns"); return u.ID == i.Owner }

func boom(n int) bool {
	support.Call("boom")
	if n == 13 {
		panic("secret")
	}
	return n < 10
}

func ready() error { support.Call("ready"); return nil }

func gate(p *runtime.Principal) error {
	support.Call("gate")
	if p.UserID() == "u3" {
		return runtime.ErrForbidden
	}
	return nil
}

func check(n int) error { support.Call("check"); return checkError(n) }

func checked(n int) (bool, error) {
	support.Call("checked")
	return n%8 != 6, checkError(n)
}

func checkError(n int) error {
	switch n % 8 {
	case 1:
		return fmt.Errorf("check %d: %w", n, runtime.ErrForbidden)
	case 2:
		return fmt.Errorf("check %d: %w", n, runtime.ErrUnauthenticated)
	case 3:
		return runtime.ErrNotFound
	case 4:
		return runtime.ErrUnavailable
	case 5:
		return errOther
	}
	return nil
}

func vet(ctx context.Context, n int) (bool, error) {
	support.Call("vet for " + runtime.FromContext(ctx).UserID())
	switch n % 6 {
	case 0:
		return false, ctx.Err()
	case 1:
		return true, runtime.ErrForbidden
	case 2:
		return true, errOther
	}
	return true, nil
}
`

// supportCode is the package of the backends.
const supportCode = `
// Package support has the backends of the random packages.
package support

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime"
)

var First, Second = backend("First"), backend("Second")

// Trace names what was called for the current request.
var Trace []string

func Call(name string) { Trace = append(Trace, name) }

type backend string

type identity struct {
	ID               string
	Staff, Superuser bool
	Ambient          bool
	Permissions      []string
	Scope            any
	Age              *int
}

func (b backend) Name() string { return string(b) }

func (b backend) Challenge(*http.Request, error) string {
	return runtime.FormatChallenge(string(b), "realm", "oracle")
}

func (b backend) Authenticate(r *http.Request) (*runtime.Principal, error) {
	switch value := r.Header.Get("X-" + string(b)); value {
	case "":
		return nil, runtime.ErrNoCredentials
	case "invalid":
		return nil, runtime.ErrInvalidCredentials
	case "revoked":
		return nil, runtime.ErrRevoked
	case "down":
		return nil, runtime.ErrUnavailable
	case "broken":
		return nil, errors.New("broken")
	case "panic":
		panic("secret")
	case "nobody":
		return nil, nil
	default:
		return b.read(value)
	}
}

func (b backend) read(value string) (*runtime.Principal, error) {
	var id identity
	if err := json.Unmarshal([]byte(value), &id); err != nil {
		return nil, err
	}
	out := runtime.Identity{UserID: id.ID, Backend: string(b), Staff: id.Staff, Superuser: id.Superuser, Ambient: id.Ambient,
		Permissions: id.Permissions}
	if id.Scope != nil {
		out.Claims = map[string]any{"scope": id.Scope}
	}
	if id.Age != nil {
		out.AuthTime = time.Now().Add(-time.Duration(*id.Age) * time.Second)
	}
	return runtime.NewPrincipal(out), nil
}
`

// driverCode answers one request a line. The servers are put in place of SERVERS, the imports in place of IMPORTS.
const driverCode = `
package main

import (
	"bufio"
	"encoding/json"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"oracle/support"
IMPORTS
)

type request struct {
	Path                                        string
	Post                                        bool
	CrossSite                                   bool   ~json:"cross_site"~
	First, Second                               json.RawMessage
	FirstIs                                     string ~json:"first_is"~
	SecondIs                                    string ~json:"second_is"~
}

type answer struct {
	Status     int      ~json:"status"~
	Challenges []string ~json:"challenges"~
	Body       string   ~json:"body"~
	Trace      []string ~json:"trace"~
}

var servers = map[string]http.Handler{}

func add(prefix string, h http.Handler, err error) {
	if err != nil {
		log.Fatal(err)
	}
	servers[prefix] = h
}

func main() {
	slog.SetDefault(slog.New(slog.DiscardHandler))
SERVERS
	in, out := json.NewDecoder(bufio.NewReader(os.Stdin)), bufio.NewWriter(os.Stdout)
	for {
		var q request
		if err := in.Decode(&q); err == io.EOF {
			break
		} else if err != nil {
			log.Fatal(err)
		}
		if err := json.NewEncoder(out).Encode(serve(&q)); err != nil {
			log.Fatal(err)
		}
	}
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}

func serve(q *request) answer {
	method := http.MethodGet
	if q.Post {
		method = http.MethodPost
	}
	r := httptest.NewRequest(method, q.Path, nil)
	if q.CrossSite {
		r.Header.Set("Sec-Fetch-Site", "cross-site")
	}
	for name, value := range map[string]string{"X-First": string(q.First) + q.FirstIs, "X-Second": string(q.Second) + q.SecondIs} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	support.Trace = nil
	w := httptest.NewRecorder()
	i := strings.LastIndex(q.Path, "/H") + 3
	servers[q.Path[:i]].ServeHTTP(w, r)
	a := answer{Status: w.Code, Challenges: w.Header()["Www-Authenticate"], Trace: support.Trace}
	if w.Code == http.StatusOK {
		if err := json.Unmarshal(w.Body.Bytes(), &a.Body); err != nil {
			log.Fatal(err)
		}
	}
	return a
}
`
