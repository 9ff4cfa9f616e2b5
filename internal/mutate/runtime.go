package main

const (
	endpoint    = "runtime/endpoint.go"
	call        = "runtime/call.go"
	principal   = "runtime/principal.go"
	permission  = "runtime/permission.go"
	crossOrigin = "runtime/crossorigin.go"
	path        = "runtime/path.go"
	api         = "runtime/api.go"
	problem     = "runtime/problem.go"
	failure     = "runtime/error.go"
)

// runtimeMutants break what stands behind generated code.
var runtimeMutants = []mutant{
	{"ambient credentials are served cross-site", endpoint, `!call.principal.ambient || call.passesOrigin()`, `true`},
	{"a public endpoint serves when a backend failed", endpoint, `case e.kind == open:`, `case e.kind != guarded:`},
	{"an open endpoint refuses when a backend failed", endpoint, `case e.kind == open:`, `case e.kind == open && call.reason == ReasonNoCredentials:`},
	{"a guarded endpoint serves anonymous requests", endpoint, `if e.kind == public {`, `if e.kind != open {`},
	{"an invalid credential is refused on public endpoints", endpoint,
		`case call.reason == ReasonNoCredentials || call.reason == ReasonInvalidCredentials:`, `case call.reason == ReasonNoCredentials:`},
	{"an outage is answered with 401", endpoint, `answerAs(ErrUnavailable, call.cause)`, `answerAs(ErrUnauthenticated, call.cause)`},
	{"what is held down is answered with 401", endpoint, `return ReasonThrottled`, `return ReasonInvalidCredentials`},
	{"the first backend is not asked", endpoint, "for i := range c.endpoint.backends {\n\t\tb :=", "for i := range c.endpoint.backends {\n\t\tif i == 0 && len(c.endpoint.backends) > 1 {\n\t\t\tcontinue\n\t\t}\n\t\tb :="},
	{"only the first backend is asked", endpoint, `case ReasonNoCredentials:
			c.keep(i, err)`, `case ReasonNoCredentials:
			c.keep(i, err)
			return`},
	{"an invalid credential ends the chain", endpoint, "c.backend, c.reason, c.cause = b, reason, err\n\t\tdefault:", "c.backend, c.reason, c.cause = b, reason, err\n\t\t\treturn\n\t\tdefault:"},
	{"the chain goes on after a failure", endpoint, "c.backend, c.reason, c.cause = b, reason, err\n\t\t\treturn", "c.backend, c.reason, c.cause = b, reason, err"},
	{"an error beside a principal is ignored", endpoint, "if err != nil {\n\t\treturn nil, reasonFor(err), err", "if err != nil && !p.IsAuthenticated() {\n\t\treturn nil, reasonFor(err), err"},
	{"an anonymous principal is accepted", endpoint, `if !p.IsAuthenticated() {`, `if p == nil {`},
	{"a panic of a backend is no credential", endpoint, `p, reason, err = nil, ReasonBackendPanic, newPanicError(v)`, `p, reason, err = nil, ReasonNoCredentials, ErrNoCredentials`},
	{"ErrUnavailable is no credential", endpoint, `return ReasonUnavailable`, `return ReasonNoCredentials`},
	{"ErrRevoked is an invalid credential", endpoint, `return ReasonRevoked`, `return ReasonInvalidCredentials`},
	{"an unknown error is no credential", endpoint, `return ReasonBackendError
}`, `return ReasonNoCredentials
}`},

	{"Deny answers everyone with 401", call, `if c.couldAuthenticate() {`, `if true {`},
	{"Deny answers everyone with 403", call, `if c.couldAuthenticate() {`, `if false {`},
	{"401 where nothing could authenticate", call, `!c.principal.IsAuthenticated() && len(c.endpoint.backends) > 0`, `!c.principal.IsAuthenticated()`},
	{"insufficient_scope is answered with 401", call, `c.refuse(ReasonInsufficientScope, answerAs(ErrForbidden, nil))`, `c.refuse(ReasonInsufficientScope, answerAs(ErrUnauthenticated, nil))`},
	{"a stale login is answered with 403", call, `c.refuse(ReasonStale, answerAs(ErrUnauthenticated, nil))`, `c.refuse(ReasonStale, answerAs(ErrForbidden, nil))`},
	{"a stale login gets the challenges of all backends", call, `answer.Status == http.StatusUnauthorized && reason != ReasonStale`, `answer.Status == http.StatusUnauthorized`},
	{"401 without challenges", call, `answer.Status == http.StatusUnauthorized && reason != ReasonStale`, `false`},
	{"a guard's error answers with its own status", call, `c.refuse(ReasonGuardError, refusalFor(err))`, `c.refuse(ReasonGuardError, answerFor(err))`},
	{"a missing decision is served", call, "if v == nil { // or runtime.Goexit, or panic(nil) where a program insists on it\n\t\tc.refuse(ReasonUndecided, answerFor(errUndecided))", "if v == nil {"},
	{"a panic of a guard is served", call, `c.refuse(ReasonPanic, answerFor(newPanicError(v)))`, `_ = v`},
	{"a panic of a handler is answered", call, "func (c *Call) Recover() {\n\tif c.decided {", "func (c *Call) Recover() {\n\tif false {"},
	{"http.ErrAbortHandler is answered", call, `if v == http.ErrAbortHandler {`, `if v == nil {`},
	{"answers to cookies may be cached", call, `protectCached(c.w.Header())`, `_ = c`},
	{"answers to keys may be cached", call, `c.w.Header().Add("Cache-Control", "private")`, `_ = c`},
	{"the principal is not in the context", call, `ctx := NewContext(c.r.Context(), c.principal)`, `ctx := c.r.Context()`},
	{"an error after the answer is answered again", call, `if sent {`, `if false {`},

	{"IsStaff is inverted", principal, `return p != nil && p.staff }`, `return p != nil && !p.staff }`},
	{"IsStaff holds for superusers", principal, `return p != nil && p.staff }`, `return p != nil && (p.staff || p.superuser) }`},
	{"IsSuperuser holds for staff", principal, `return p != nil && p.superuser }`, `return p != nil && p.staff }`},
	{"everyone is authenticated", principal, `return p != nil && p.userID != "" }`, `return p != nil }`},
	{"an identity without a user keeps its rights", principal, `if id.UserID == "" {`, `if id.UserID == "nobody" {`},
	{"Fresh holds in the future", principal, `return age >= 0 && age <= d`, `return age <= d`},
	{"Fresh holds for ever", principal, `return age >= 0 && age <= d`, `return age >= 0`},
	{"Fresh is inverted", principal, `return age >= 0 && age <= d`, `return age >= 0 && age > d`},
	{"Fresh holds where the time is unknown", principal, `if p == nil || p.authTime.IsZero() || d <= 0 {
		return false`, `if p == nil || p.authTime.IsZero() || d <= 0 {
		return p != nil && d > 0`},
	{"a scope claim with something else in it is read", principal, "if !ok {\n\t\t\t\treturn nil", "if !ok {\n\t\t\t\tcontinue"},
	{"permissions are shared with the backend", principal, `p.permissions.fill(slices.Clone(id.Permissions), `, `p.permissions.fill(id.Permissions[:len(id.Permissions):len(id.Permissions)], `},
	{"claims are shared with the backend", principal, `copyClaims(id.Claims)`, `id.Claims`},
	{"HasScope looks at permissions", principal, `return p != nil && p.scopes.has(scope.name)`, `return p != nil && p.permissions.has(scope.name)`},

	{"a permission is inverted", permission, `(1<<(name.id%64)) != 0`, `(1<<(name.id%64)) == 0`},
	{"a permission stands for its word", permission, `s.bits[name.id/64]&(1<<(name.id%64)) != 0`, `s.bits[name.id/64] != 0`},
	{"a permission beyond the first word is lost", permission, `s.bits[id/64] |= 1 << (id % 64)`, `s.bits[0] |= 1 << (id % 64)`},
	{"a permission that is younger than the principal is granted", permission, `return s.contains(name.text)`, `return true`},
	{"a permission that is younger than the principal is lost", permission, `return s.contains(name.text)`, `return false`},
	{"everyone has the empty permission", permission, `return name != "" && slices.Contains(s.names, name)`, `return name == "" || slices.Contains(s.names, name)`},

	{"unsafe methods are not checked", crossOrigin, `return a.crossOrigin.Check(r)`, `return nil`},
	{"WebSockets are not checked", crossOrigin, `if len(r.Header["Upgrade"]) > 0 {`, `if len(r.Header["Upgrade"]) > 99 {`},

	{"an empty path value is passed on", path, "if value == \"\" {\n\t\treturn", "if value == \"\" && name == \"\" {\n\t\treturn"},
	{"an integer is read at its widest", path, "n, err := strconv.ParseInt(value, 10, reflect.TypeFor[T]().Bits())", "n, err := strconv.ParseInt(value, 10, 64)"},
	{"an unsigned integer is read at its widest", path, "n, err := strconv.ParseUint(value, 10, reflect.TypeFor[T]().Bits())", "n, err := strconv.ParseUint(value, 10, 64)"},
	{"a number that does not parse is zero", path, "n, err := strconv.ParseInt(value, 10, reflect.TypeFor[T]().Bits())\n\tif err != nil {\n\t\treturn 0, pathError(name, err)", "n, err := strconv.ParseInt(value, 10, reflect.TypeFor[T]().Bits())\n\tif err != nil {\n\t\treturn 0, nil"},
	{"a nil of a provider is passed on by NotNil", path, `if v == zero || `, `if `},
	{"a nil in an interface is passed on by NotNil", path, `reflect.TypeFor[T]().Kind() == reflect.Interface && nilable.IsNil(v)`, `false`},

	{"backends that contradict each other are set up", api, `a.fail(fmt.Errorf("backends %s and %s: %w", bs.exprs[i], b.Expr, err))`, `_ = i`},
	{"a nil backend is left out", api, `a.fail(fmt.Errorf("backend %s is nil", b.Expr))`, ``},
	{"a guarded endpoint without backends is set up", api, `a.fail(fmt.Errorf("%s needs authentication and has no backend", route.Name))`, ``},
	{"the spelling of a host goes past its patterns", api, `if a.hosts {`, `if false {`},
	{"a pattern that cannot be registered is left out", api, `a.fail(fmt.Errorf("%s: %w", route.Name, err))`, ``},

	{"refusals may be cached", problem, `header.Set("Cache-Control", "no-store")`, ``},
	{"an outage has no Retry-After", problem, `return outage`, `return 0`},
	{"an error's Retry-After is lost", problem, `return e.RetryAfter`, `return 0`},
	{"an error handler that writes nothing is 200", problem, "if sent {\n\t\t\treturn", "if sent || known {\n\t\t\treturn"},

	{"an error of status 200 is served", failure, `known.Status >= 400 && known.Status <= 599`, `known.Status <= 599`},
	{"a guard's 404 is a 404", failure, `answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden`, `answer.Status < 500`},
}
