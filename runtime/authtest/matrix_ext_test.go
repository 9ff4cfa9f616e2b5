package authtest_test

import (
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/authtest"
	"github.com/boltauthgen/boltauthgen/runtime/jwtauth"
)

// Packages of tests have a flag of this name, and Matrix does not get in its way.
var _ = flag.Bool("update", false, "write files of tests anew")

// A trial is a test that may fail, and ends before the test that it is recorded in.
type trial struct {
	recorder
	cleanups []func()
	logs     []string
}

func (r *trial) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }

func (r *trial) Logf(_ string, args ...any) {
	for _, arg := range args {
		if text, ok := arg.(string); ok {
			r.logs = append(r.logs, text)
		}
	}
}

// try returns how a test fails, and what it logs.
func try(t *testing.T, f func(t testing.TB)) (failures, logs []string) {
	t.Helper()
	r := &trial{recorder: recorder{TB: t}}
	func() {
		defer func() {
			if v := recover(); v != nil && v != stopped {
				panic(v)
			}
		}()
		f(r)
	}()
	for _, cleanup := range r.cleanups {
		cleanup()
	}
	return r.failures, r.logs
}

// newsroom is a server as generated code makes it. Its handlers fail the test: none of them is ever to be called.
type newsroom struct {
	*runtime.API
	t       *testing.T
	backend authtest.Backend
}

func newNewsroom(t *testing.T, options ...runtime.Option) *newsroom {
	return &newsroom{t: t, API: runtime.NewAPI("test", options...)}
}

type guard func(c *runtime.Call, r *http.Request) bool

// handle adds an endpoint for a guard that is called once the backend has accepted somebody, or, if the expression
// begins with AllowAny(), for everybody.
func (n *newsroom) handle(expr string, holds guard, patterns ...string) {
	n.serve(expr, holds, func(_ http.ResponseWriter, r *http.Request) { n.t.Errorf("the handler of %s is called", r.URL) }, patterns...)
}

func (n *newsroom) serve(expr string, holds guard, handler http.HandlerFunc, patterns ...string) {
	n.t.Helper()
	add := n.Guarded
	switch {
	case expr == "AllowAny()":
		add = n.Open
	case strings.HasPrefix(expr, "AllowAny()"):
		add = n.Public
	}
	backends := n.Backends(runtime.Backend{Expr: "n.backend", Authenticator: &n.backend})
	var endpoint *runtime.Endpoint
	endpoint = add(backends, runtime.Route{Name: "Newsroom.Handler", Guard: expr, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call, ok := endpoint.Enter(w, r)
		if !ok {
			return
		}
		defer call.Recover()
		r = call.Request()
		if !holds(&call, r) {
			return
		}
		call.Allow()
		handler(w, r)
	})}, patterns...)
	require.NoError(n.t, n.Err())
}

// deny makes a guard of a condition.
func deny(holds func(p *runtime.Principal, r *http.Request) bool) guard {
	return func(c *runtime.Call, r *http.Request) bool {
		if !holds(c.Principal(), r) {
			c.Deny()
			return false
		}
		return true
	}
}

var (
	anybody  = deny(func(*runtime.Principal, *http.Request) bool { return true })
	isStaff  = deny(func(p *runtime.Principal, _ *http.Request) bool { return p.IsStaff() })
	isSuper  = deny(func(p *runtime.Principal, _ *http.Request) bool { return p.IsSuperuser() })
	isAuthor = deny(func(p *runtime.Principal, r *http.Request) bool {
		return r.PathValue("author") == p.UserID() || p.IsSuperuser()
	})
	isSigned = deny(func(_ *runtime.Principal, r *http.Request) bool { return r.URL.Query().Get("signature") == "good" })
)

// people are the principals of a newsroom. Alice has a cookie.
func (n *newsroom) people() []authtest.Principal {
	return []authtest.Principal{
		{Name: "alice", As: n.backend.As(runtime.NewPrincipal(runtime.Identity{UserID: "alice", Ambient: true}))},
		{Name: "Bob, of staff", As: n.backend.As(runtime.NewPrincipal(runtime.Identity{UserID: "bob", Staff: true}))},
		{Name: "root", As: n.backend.As(runtime.NewPrincipal(runtime.Identity{UserID: "root", Staff: true, Superuser: true}))},
	}
}

// daily is a newsroom with every kind of pattern.
func daily(t *testing.T) *newsroom {
	n := newNewsroom(t, authtest.DryRun())
	n.handle("AllowAny()", anybody, "GET /{$}", "/about")
	n.handle("IsStaff()", isStaff, "GET /desk/", "GET desk.example.com/desk/")
	n.handle("r.PathValue(\"author\") == p.UserID() || IsAdminUser()", isAuthor, "GET /by/{author}", "DELETE  /by/{author}")
	n.handle("IsAdminUser()", isSuper, "PUT /archive/{file...}")
	n.handle("AllowAny() && signed(r)", isSigned, "POST /hooks")
	return n
}

var dailyRequests = []string{"/by/alice", "DELETE /by/bob", "/archive/1999/12/31", "/archive/", "/hooks?signature=good", "/hooks?signature=bad"}

// What is committed is what a user would get to read.
func TestMatrix(t *testing.T) {
	n := daily(t)
	authtest.Matrix(t, n, n.people(), dailyRequests...)
	text, err := os.ReadFile("testdata/matrix/TestMatrix.txt")
	require.NoError(t, err)
	for _, line := range []string{
		"anonymous  alice    Bob, of staff  root             route  request",
		"allowed    allowed  allowed        allowed  public  GET /{$}  GET /",
		"401        403      403            allowed          PUT /archive/{file...}  PUT /archive/",
		"401        allowed  403            allowed          DELETE /by/{author}  DELETE /by/alice",
		"401        403      allowed        allowed          DELETE /by/{author}  DELETE /by/bob",
		"401        allowed  403            allowed          GET /by/{author}  GET /by/alice",
		"401        403      allowed        allowed          GET desk.example.com/desk/",
		"401        403      403            403      public  POST /hooks  POST /hooks?signature=bad",
		"allowed    allowed  allowed        allowed  public  POST /hooks  POST /hooks?signature=good",
	} {
		assert.Contains(t, string(text), "\n"+line+"\n")
	}
	assert.Equal(t, 401, serve(n, mustRequest(t, "GET", "/desk/")), "nobody is left behind in the backend")
}

func mustRequest(t *testing.T, method, url string) *http.Request {
	r, err := http.NewRequest(method, url, nil)
	require.NoError(t, err)
	return r
}

// A subtest has a file of its own, and principals may have real credentials.
func TestMatrixOfTokens(t *testing.T) {
	tokens := authtest.NewTokens(t)
	backend, err := jwtauth.New(tokens.Config())
	require.NoError(t, err)
	api := runtime.NewAPI("test", authtest.DryRun())
	backends := api.Backends(runtime.Backend{Expr: "s.JWT", Authenticator: backend})
	var endpoint *runtime.Endpoint
	endpoint = api.Guarded(backends, runtime.Route{Name: "Articles", Guard: "HasPermission(View)", Replaced: "it is\nfor readers",
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			call, ok := endpoint.Enter(w, r)
			if !ok {
				return
			}
			defer call.Recover()
			if !call.Principal().HasPermission("view") {
				call.Deny()
				return
			}
			call.Allow()
			t.Error("the handler is called")
		})}, "GET /articles")
	require.NoError(t, api.Err())
	t.Run("of users", func(t *testing.T) {
		authtest.Matrix(t, api, []authtest.Principal{
			{Name: "bob", As: func(r *http.Request) { tokens.Authorize(r, bob) }},
			{Name: "reader", As: func(r *http.Request) { tokens.Authorize(r, bob, "view") }},
			{Name: "forged", As: func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }},
		})
		text, err := os.ReadFile("testdata/matrix/TestMatrixOfTokens/of_users.txt")
		require.NoError(t, err)
		assert.Contains(t, string(text), "\n401        403      allowed  401              GET /articles\n")
		assert.Contains(t, string(text), "\n    replace  it is for readers\n")
	})
}

// flags are those that have files written.
var flags = []string{"update", "authtest.update"}

// set sets one of the flags, or none, until the test ends.
func set(t *testing.T, name string) {
	t.Helper()
	for _, f := range flags {
		before := flag.Lookup(f).Value.String()
		t.Cleanup(func() { require.NoError(t, flag.Set(f, before)) })
		require.NoError(t, flag.Set(f, strconv.FormatBool(f == name)))
	}
}

func goldenOf(t *testing.T) string {
	return filepath.Join("testdata", "matrix", filepath.FromSlash(t.Name())+".txt")
}

// written writes the file of a test, and returns its text. No flag is set then.
func written(t *testing.T, f func(t testing.TB)) string {
	t.Helper()
	set(t, "authtest.update")
	failures, logs := try(t, f)
	set(t, "")
	require.Empty(t, failures)
	require.NotEmpty(t, logs)
	text, err := os.ReadFile(goldenOf(t))
	require.NoError(t, err)
	return string(text)
}

func TestMatrixWritesItsFile(t *testing.T) {
	t.Chdir(t.TempDir())
	matrix := func(tb testing.TB) {
		n := daily(t)
		authtest.Matrix(tb, n, n.people(), dailyRequests...)
	}
	set(t, "")
	failures, _ := try(t, matrix)
	require.Len(t, failures, 1)
	assert.Contains(t, failures[0], goldenOf(t)+" is missing")
	assert.Contains(t, failures[0], "go test -run '^TestMatrixWritesItsFile$' -authtest.update")
	assert.NoFileExists(t, goldenOf(t))

	text := written(t, matrix)
	assert.Contains(t, text, "#     go test -run '^TestMatrixWritesItsFile$' -authtest.update\n")
	failures, _ = try(t, matrix)
	assert.Empty(t, failures)
	entries, err := os.ReadDir(filepath.Dir(goldenOf(t)))
	require.NoError(t, err)
	assert.Len(t, entries, 1, "nothing is left beside it")

	require.NoError(t, os.WriteFile(goldenOf(t), []byte(strings.ReplaceAll(text, "\n", "\r\n")), 0o644))
	failures, _ = try(t, matrix)
	assert.Empty(t, failures, "as git checks it out on Windows")

	for _, broken := range []string{"", "# nothing\n", "<<<<<<< HEAD\n" + text, strings.Replace(text, "401 ", "<<<<<<< HEAD\n401 ", 1)} {
		require.NoError(t, os.WriteFile(goldenOf(t), []byte(broken), 0o644))
		failures, _ = try(t, matrix)
		require.Len(t, failures, 1, broken)
		assert.Contains(t, failures[0], "not one that Matrix wrote")
	}
	require.NoError(t, os.WriteFile(goldenOf(t), []byte(strings.Replace(text, "#", "# ", 1)), 0o644))
	failures, _ = try(t, matrix)
	require.Len(t, failures, 1)
	assert.Contains(t, failures[0], "no decision, but the order or the words")

	set(t, "update")
	failures, logs := try(t, matrix)
	assert.Empty(t, failures, "the test's own flag does it, too")
	assert.Contains(t, logs[0], goldenOf(t))
	again, err := os.ReadFile(goldenOf(t))
	require.NoError(t, err)
	assert.Equal(t, text, string(again))
}

// A file that cannot be written is a failure, not a success that nobody can read.
func TestMatrixCannotWrite(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("testdata", nil, 0o644))
	set(t, "authtest.update")
	failures, _ := try(t, func(tb testing.TB) {
		n := daily(t)
		authtest.Matrix(tb, n, n.people(), dailyRequests...)
	})
	require.Len(t, failures, 1)
	assert.Contains(t, failures[0], "testdata")
}

func TestMatrixSaysWhatChanged(t *testing.T) {
	type server func(n *newsroom)
	before := server(func(n *newsroom) {
		n.handle("IsStaff()", isStaff, "GET /staff")
		n.handle("IsAdminUser()", isSuper, "GET /admin", "GET /old")
		n.handle("AllowAny()", anybody, "GET /")
	})
	tests := map[string]struct {
		after      server
		principals func([]authtest.Principal) []authtest.Principal
		want       []string // lines
	}{
		"wider": {
			after: func(n *newsroom) {
				n.handle("IsStaff()", isStaff, "GET /admin", "GET /old", "GET /staff")
				n.handle("AllowAny()", anybody, "GET /")
			},
			want: []string{
				"access WIDENED: GET /admin: Bob, of staff was refused with 403, and is allowed",
				"access WIDENED: GET /old: Bob, of staff was refused with 403, and is allowed",
				"GET /admin:", "    - guard    IsAdminUser()", "    + guard    IsStaff()",
				"GET /old:", "    - guard    IsAdminUser()", "    + guard    IsStaff()",
			},
		},
		"public": {
			after: func(n *newsroom) {
				n.handle("IsStaff()", isStaff, "GET /staff")
				n.handle("AllowAny()", anybody, "GET /admin", "GET /old")
				n.handle("AllowAny()", anybody, "GET /")
			},
			want: []string{
				"access WIDENED: GET /admin: anonymous was refused with 401, and is allowed",
				"access WIDENED: GET /admin: alice was refused with 403, and is allowed",
				"access WIDENED: GET /admin: Bob, of staff was refused with 403, and is allowed",
				"access WIDENED: GET /old: anonymous was refused with 401, and is allowed",
				"access WIDENED: GET /old: alice was refused with 403, and is allowed",
				"access WIDENED: GET /old: Bob, of staff was refused with 403, and is allowed",
				"GET /admin:", "    - guard    IsAdminUser()", "    + guard    AllowAny()",
				"GET /old:", "    - guard    IsAdminUser()", "    + guard    AllowAny()",
			},
		},
		"narrower, and another answer": {
			after: func(n *newsroom) {
				n.handle("IsAdminUser()", isSuper, "GET /admin", "GET /old")
				n.handle("IsStaff()", func(c *runtime.Call, _ *http.Request) bool {
					c.Refuse(runtime.ErrNotFound)
					return false
				}, "GET /staff")
				n.handle("AllowAny()", anybody, "GET /")
			},
			want: []string{
				"GET /staff: alice was refused with 403, and is with 404",
				"GET /staff: Bob, of staff was allowed, and is refused with 404",
				"GET /staff: root was allowed, and is refused with 404",
			},
		},
		"routes": {
			after: func(n *newsroom) {
				n.handle("IsStaff()", isStaff, "GET /staff", "POST /new")
				n.handle("IsAdminUser()", isSuper, "GET /admin")
				n.handle("IsOwl()", deny(func(*runtime.Principal, *http.Request) bool { return false }), "GET /owls")
				n.handle("AllowAny()", anybody, "GET /")
			},
			want: []string{
				"new: POST /new: allowed for Bob, of staff, root",
				"new: GET /owls: nobody is allowed",
				"removed: GET /old",
			},
		},
		"principals": {
			after: before,
			principals: func(p []authtest.Principal) []authtest.Principal {
				eve := p[0]
				eve.Name = "eve"
				return []authtest.Principal{p[0], p[2], eve}
			},
			want: []string{
				"new principal eve: GET /: allowed",
				"new principal eve: GET /admin: 403",
				"new principal eve: GET /old: 403",
				"new principal eve: GET /staff: 403",
				"removed principal Bob, of staff",
			},
		},
	}
	for name, test := range tests {
		t.Run(strings.ReplaceAll(strings.ReplaceAll(name, " ", "_"), ",", ""), func(t *testing.T) {
			t.Chdir(t.TempDir())
			written(t, func(tb testing.TB) {
				n := newNewsroom(t, authtest.DryRun())
				before(n)
				authtest.Matrix(tb, n, n.people())
			})
			failures, _ := try(t, func(tb testing.TB) {
				n := newNewsroom(t, authtest.DryRun())
				test.after(n)
				people := n.people()
				if test.principals != nil {
					people = test.principals(people)
				}
				authtest.Matrix(tb, n, people)
			})
			require.Len(t, failures, 1)
			_, list, _ := strings.Cut(failures[0], "says:\n")
			list, hint, _ := strings.Cut(list, "\nIf that is meant")
			assert.Equal(t, test.want, strings.Split(strings.TrimPrefix(list, "\t"), "\n\t"))
			assert.Contains(t, hint, "-authtest.update")
		})
	}
}

// What cannot be a matrix, and what the failure says.
func TestMatrixFails(t *testing.T) {
	person := func(name string) authtest.Principal {
		return authtest.Principal{Name: name, As: func(*http.Request) {}}
	}
	fails := func(c *runtime.Call, err error) bool {
		c.DenyError(err)
		return false
	}
	tests := map[string]struct {
		server     func(n *newsroom)
		principals []authtest.Principal
		requests   []string
		want       []string
	}{
		"no routes":   {server: func(*newsroom) {}, want: []string{"the handler has no routes"}},
		"anonymous":   {principals: []authtest.Principal{person("anonymous")}, want: []string{`principal 0 is called "anonymous"`}},
		"no name":     {principals: []authtest.Principal{person("")}, want: []string{`principal 0 is called ""`}},
		"spaces":      {principals: []authtest.Principal{person("a"), person("a  b")}, want: []string{`principal 1 is called "a  b"`}},
		"newline":     {principals: []authtest.Principal{person("a\nb")}, want: []string{`"a\nb"`}},
		"bidi":        {principals: []authtest.Principal{person("a\u202eb")}, want: []string{`"a\u202eb"`}},
		"no UTF-8":    {principals: []authtest.Principal{person("a\xff")}, want: []string{`"a\xff"`}},
		"twice":       {principals: []authtest.Principal{person("a"), person("a")}, want: []string{`two principals are called "a"`}},
		"no function": {principals: []authtest.Principal{{Name: "a"}}, want: []string{`principal "a" has no function As`}},
		"wildcards": {
			server: func(n *newsroom) {
				n.handle("IsStaff()", isStaff, "GET /a/{id}", "GET /b/{id}/c/{rest...}", "GET example.org/d/{id}")
			},
			requests: []string{"/a/1"},
			want: []string{
				`no request fits GET /b/{id}/c/{rest...}, which has a wildcard; give Matrix one more argument, such as "/b/1/c/1"`,
				`no request fits GET example.org/d/{id}, which has a wildcard; give Matrix one more argument, such as "/d/1"`,
			},
		},
		"a request for nothing": {requests: []string{"/nowhere", "POST /staff"}, want: []string{`request "/nowhere" fits no route`, `request "POST /staff" fits no route`}},
		"no requests": {
			requests: []string{"staff", "GET /a b", "/a%zz", "G@T /a", ""},
			want:     []string{`request "staff" is not of the form`, `request "GET /a b" is not`, `request "/a%zz": `, `request "G@T /a": `, `request "" is not`},
		},
		"shadowed": {
			server:   func(n *newsroom) { n.handle("IsStaff()", isStaff, "GET /a/{id}", "GET /a/new") },
			requests: []string{"/a/new"},
			want:     []string{"no request fits GET /a/{id}"},
		},
		"every method is shadowed": {
			server: func(n *newsroom) {
				n.handle("IsStaff()", isStaff, "/a", "GET /a", "POST /a", "PUT /a", "PATCH /a", "DELETE /a")
			},
			want: []string{"no request fits /a; give Matrix one more argument that does"},
		},
		"another route of the same host": {
			server: func(n *newsroom) { n.handle("IsStaff()", isStaff, "GET example.com/a", "GET /a") },
			want:   []string{"no request fits GET /a"},
		},
		"routes in conflict": {
			server: func(n *newsroom) { n.handle("IsStaff()", isStaff, "GET /a") },
			want:   []string{"conflicts with pattern"},
		},
		"a redirect": {
			server:   func(n *newsroom) { n.handle("IsStaff()", isStaff, "GET /a/") },
			requests: []string{"/a"},
			want:     []string{"GET /a/  GET /a as anonymous: answered with 307, but no guard decided"},
		},
		"guard fails": {
			server: func(n *newsroom) {
				n.handle("AllowAny() && broken()", func(c *runtime.Call, _ *http.Request) bool { return fails(c, assert.AnError) }, "GET /a")
			},
			want: []string{"GET /a as anonymous: refused with 500 (guard_error), which says nothing about who may: " + assert.AnError.Error()},
		},
		"bad path value": {
			server: func(n *newsroom) {
				n.handle("AllowAny() && true", func(c *runtime.Call, r *http.Request) bool {
					_, err := runtime.PathInt[int](r, "id")
					c.Refuse(err)
					return false
				}, "GET /a/{id}")
			},
			requests: []string{"/a/x"},
			want:     []string{"refused with 400 (binding_error)"},
		},
		"throttled": {
			server: func(n *newsroom) {
				n.backend.Fail(runtime.ErrTooManyRequests)
				n.handle("IsStaff()", isStaff, "GET /a")
			},
			want: []string{"refused with 429 (throttled)"},
		},
		"unavailable": {
			server: func(n *newsroom) {
				n.backend.Fail(runtime.ErrUnavailable)
				n.handle("IsStaff()", isStaff, "GET /a")
			},
			want: []string{"refused with 503 (unavailable)"},
		},
		"guard panics": {
			server: func(n *newsroom) {
				n.handle("AllowAny() && broken()", func(*runtime.Call, *http.Request) bool { panic("s3cr3t") }, "GET /a")
			},
			want: []string{"refused with 500 (panic), which says nothing about who may: panic with a value of type string\ngoroutine"},
		},
		"guard aborts": {
			server: func(n *newsroom) {
				n.handle("AllowAny() && broken()", func(*runtime.Call, *http.Request) bool { panic(http.ErrAbortHandler) }, "GET /a")
			},
			want: []string{"GET /a as anonymous: panic: net/http: abort Handler\ngoroutine"},
		},
		"somebody is left in the backend": {
			server: func(n *newsroom) {
				n.backend.Set(runtime.NewPrincipal(runtime.Identity{UserID: "alice", Staff: true}))
				n.handle("IsStaff()", isStaff, "GET /a")
			},
			want: []string{`a request without a credential is one of "alice"`},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			set(t, "authtest.update")
			failures, _ := try(t, func(tb testing.TB) {
				n := newNewsroom(t, authtest.DryRun())
				if test.server == nil {
					test.server = func(n *newsroom) { n.handle("IsStaff()", isStaff, "GET /staff") }
				}
				test.server(n)
				var handler authtest.GuardedHandler = n
				if name == "routes in conflict" {
					handler = doubled{n}
				}
				authtest.Matrix(tb, handler, test.principals, test.requests...)
			})
			require.Len(t, failures, 1)
			for _, want := range test.want {
				assert.Contains(t, failures[0], want)
			}
			assert.NotContains(t, failures[0], "s3cr3t")
			assert.NoDirExists(t, "testdata", "what failed is not written")
		})
	}
}

// doubled is a handler that says that it has every route twice.
type doubled struct{ *newsroom }

func (d doubled) Routes() []runtime.Route { return append(d.newsroom.Routes(), d.newsroom.Routes()...) }

// Every request that fails is named, not only the first.
func TestMatrixFailsForEveryRequest(t *testing.T) {
	t.Chdir(t.TempDir())
	failures, _ := try(t, func(tb testing.TB) {
		n := newNewsroom(t, authtest.DryRun())
		n.handle("broken()", func(c *runtime.Call, _ *http.Request) bool {
			c.DenyError(assert.AnError)
			return false
		}, "GET /a", "GET /b")
		authtest.Matrix(tb, n, n.people()[:2])
	})
	require.Len(t, failures, 4)
	assert.Contains(t, failures[0], "GET /a as alice")
	assert.Contains(t, failures[3], "GET /b as Bob, of staff")
}

// Without the option no handler behind a guard is called: the test ends before anybody is let in.
func TestMatrixNeedsDryRun(t *testing.T) {
	t.Chdir(t.TempDir())
	failures, _ := try(t, func(tb testing.TB) {
		n := newNewsroom(t)
		n.handle("AllowAny()", anybody, "GET /")
		n.handle("IsStaff()", isStaff, "DELETE /everything")
		authtest.Matrix(tb, n, n.people())
	})
	require.Len(t, failures, 1)
	assert.Contains(t, failures[0], "DELETE /everything as anonymous: answered with 401, but no guard decided")
	assert.Contains(t, failures[0], "authtest.DryRun()")
}

// Requests that are not a matrix's come to their handlers.
func TestDryRunServesOthers(t *testing.T) {
	n := newNewsroom(t, authtest.DryRun())
	n.serve("AllowAny()", anybody, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }, "GET /")
	assert.Equal(t, http.StatusTeapot, serve(n, mustRequest(t, "GET", "/")))
}

// A middleware that serves in a goroutine of its own does not wait for one that has ended.
func TestMatrixBehindTimeout(t *testing.T) {
	n := daily(t)
	t.Chdir(t.TempDir())
	start := time.Now()
	text := written(t, func(tb testing.TB) {
		authtest.Matrix(tb, timed{http.TimeoutHandler(n, time.Minute, ""), n}, n.people(), dailyRequests...)
	})
	assert.Less(t, time.Since(start), time.Minute)
	assert.Contains(t, text, "\n401        allowed  403            allowed          GET /by/{author}  GET /by/alice\n")
}

// timed is a newsroom behind a middleware.
type timed struct {
	http.Handler
	newsroom *newsroom
}

func (h timed) Routes() []runtime.Route { return h.newsroom.Routes() }

func TestMatrixIsCalledOnce(t *testing.T) {
	t.Chdir(t.TempDir())
	set(t, "authtest.update")
	failures, _ := try(t, func(tb testing.TB) {
		n := daily(t)
		authtest.Matrix(tb, n, n.people(), dailyRequests...)
		authtest.Matrix(tb, n, nil, dailyRequests...)
	})
	require.Len(t, failures, 1)
	assert.Contains(t, failures[0], "called twice in TestMatrixIsCalledOnce")
}
