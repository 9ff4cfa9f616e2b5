package gen_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	allPermissions = []string{"a.view", "a.edit", "a.delete", "b.view"}
	allScopes      = []string{"read", "write", "admin"}
)

// An identity is what a request says about its sender. The backends of the generated program read it from a header.
type identity struct {
	ID          string   `json:"id"`
	Staff       bool     `json:"staff,omitempty"`
	Superuser   bool     `json:"superuser,omitempty"`
	Ambient     bool     `json:"ambient,omitempty"`
	Permissions []string `json:"permissions,omitempty"`
	Scope       any      `json:"scope,omitempty"`
	Age         *int     `json:"age,omitempty"` // seconds since the user proved who they are
}

func (id *identity) hasScope(name string) bool {
	switch scope := id.Scope.(type) {
	case string:
		return slices.Contains(strings.Split(scope, " "), name)
	case []string:
		return slices.Contains(scope, name)
	}
	return false
}

// A request is one question to the generated program. A credential is "" for none, the name of a failure, or an identity.
type request struct {
	Path      string    `json:"path"`
	Post      bool      `json:"post,omitempty"`
	CrossSite bool      `json:"cross_site,omitempty"`
	First     *identity `json:"first,omitempty"`
	Second    *identity `json:"second,omitempty"`
	FirstIs   string    `json:"first_is,omitempty"` // "invalid", "revoked", "down", "broken", "panic" or "nobody"
	SecondIs  string    `json:"second_is,omitempty"`

	n string // the path value
}

// An answer is what came back. Trace names the user's functions that were called.
type answer struct {
	Status     int      `json:"status"`
	Challenges []string `json:"challenges"`
	Body       string   `json:"body"`
	Trace      []string `json:"trace"`
}

func (a answer) String() string {
	return fmt.Sprintf("%d %q %q, calls %q", a.Status, a.Challenges, a.Body, a.Trace)
}

// A world is one request to one handler, as the oracle sees it.
type world struct {
	h         *oracleHandler
	identity  *identity // nil for an anonymous request
	backend   string    // that accepted it
	path      string
	n         int
	post      bool
	user      identity
	bound     map[string]bool
	trace     []string
	challenge []string
}

func (w *world) id() identity {
	if w.identity == nil {
		return identity{}
	}
	return *w.identity
}

func (w *world) owner() string { return "u" + strconv.Itoa(w.n%4) }

// has reports whether the sender has what a built-in guard asks for.
func (w *world) has(right string) bool {
	if w.identity == nil {
		return false
	}
	kind, name, _ := strings.Cut(right, " ")
	switch kind {
	case "authenticated":
		return true
	case "staff":
		return w.identity.Staff
	case "superuser":
		return w.identity.Superuser
	case "permission":
		return slices.Contains(w.identity.Permissions, name)
	}
	return w.identity.hasScope(name)
}

func (w *world) fresh(d time.Duration) bool {
	if w.identity == nil || w.identity.Age == nil {
		return false
	}
	age := time.Duration(*w.identity.Age) * time.Second
	return age >= 0 && age <= d
}

// ask says what a request to a handler must be answered with.
func (h *oracleHandler) ask(r *request) answer {
	w := &world{h: h, path: r.n, post: r.Post, bound: map[string]bool{}}
	status := w.authenticate(r)
	if status == 0 {
		status = w.decide()
	}
	a := answer{Status: status, Challenges: w.challenge, Trace: w.trace}
	if status == http.StatusOK {
		a.Body = h.name
	}
	if status == http.StatusUnauthorized && len(w.challenge) == 0 {
		for _, b := range h.backends {
			a.Challenges = append(a.Challenges, b+` realm="oracle"`)
		}
	}
	return a
}

// authenticate returns the status of a refusal, 0 if the guard is to be asked.
func (w *world) authenticate(r *request) int {
	failures := map[string]int{"revoked": 401, "down": 503, "broken": 500, "panic": 500, "nobody": 500}
	for _, backend := range w.h.backends {
		id, failure := r.First, r.FirstIs
		if backend == "Second" {
			id, failure = r.Second, r.SecondIs
		}
		if status := failures[failure]; status != 0 {
			if w.h.open {
				return 0
			}
			return status
		}
		if id != nil {
			w.identity, w.backend = id, backend
			if id.Ambient && r.Post && r.CrossSite {
				return http.StatusForbidden
			}
			return 0
		}
	}
	if !w.h.public {
		return http.StatusUnauthorized
	}
	return 0
}

// decide takes an authenticated or public request through steps and parameters.
func (w *world) decide() (status int) {
	defer func() {
		if v := recover(); v != nil {
			if v != error(errOther) {
				panic(v)
			}
			status = http.StatusInternalServerError
		}
	}()
	for _, step := range w.h.steps() {
		if status := w.step(step); status != 0 {
			return status
		}
	}
	for _, p := range w.h.params {
		if status := w.bind(p); status != 0 {
			return status
		}
	}
	return http.StatusOK
}

// step returns the status of a refusal, 0 if the step holds.
func (w *world) step(e *expr) int {
	var status int
	e.operands(func(o *expr) {
		for _, name := range o.uses {
			if status == 0 {
				status = w.bind(name)
			}
		}
	})
	if status != 0 {
		return status
	}
	holds, err := e.holds(w)
	switch {
	case err == errForbidden:
		return http.StatusForbidden
	case err == errUnauthenticated:
		return http.StatusUnauthorized
	case err != nil:
		return http.StatusInternalServerError
	case holds:
		return 0
	case w.identity == nil && len(w.h.backends) > 0:
		return http.StatusUnauthorized
	}
	return w.deny(e.whole())
}

// deny refuses an authenticated request whose step is false; the operand is nil if the step is more than one.
func (w *world) deny(whole *expr) int {
	switch {
	case whole != nil && whole.kind == scopeStep:
		w.challenge = []string{fmt.Sprintf(`%s realm="oracle", error="insufficient_scope", scope="%s"`, w.backend, strings.Join(whole.scopes, " "))}
	case whole != nil && whole.kind == freshStep:
		w.challenge = []string{fmt.Sprintf(`%s realm="oracle", error="insufficient_user_authentication", max_age="%.0f"`, w.backend, whole.age.Seconds())}
		return http.StatusUnauthorized
	}
	return http.StatusForbidden
}

// bind makes a parameter known, once. It returns the status of a refusal, 0 if there is none.
func (w *world) bind(name string) int {
	if w.bound[name] {
		return 0
	}
	w.bound[name] = true
	switch name {
	case "n":
		n, err := strconv.Atoi(w.path)
		if err != nil {
			return http.StatusBadRequest
		}
		w.n = n
	case "user":
		w.trace = append(w.trace, "user")
		w.user = w.id()
		if w.user.ID == "u4" {
			return http.StatusNotFound
		}
	case "item":
		if status := w.bind("n"); status != 0 {
			return status
		}
		w.trace = append(w.trace, "item for "+w.id().ID)
		switch w.n {
		case 404, 500, 503:
			return w.n
		}
	}
	return 0
}

// canHold reports by trying everything whether any request can pass a handler's guard. Rights and facts are variables; what
// calls the user's code is a new variable each time, and an error step may always pass.
func (h *oracleHandler) canHold() bool {
	var values []*bool
	rights, facts := map[string]*bool{}, map[string]*bool{}
	variable := func() *bool {
		v := new(bool)
		values = append(values, v)
		return v
	}
	meaning := map[*expr]func() bool{}
	for _, step := range h.steps() {
		if o := step.whole(); o != nil && o.kind == errorStep {
			continue
		}
		step.operands(func(o *expr) {
			switch {
			case len(o.rights) > 0:
				for _, r := range o.asksFor() {
					if rights[r] == nil {
						rights[r] = variable()
					}
				}
				meaning[o] = func() bool {
					holds := slices.ContainsFunc(o.rights, func(r string) bool { return *rights[r] == o.anyOf }) == o.anyOf
					if o.compare {
						return (holds == *rights["staff"]) != o.negated
					}
					return holds
				}
			case o.fact != "":
				if facts[o.fact] == nil {
					facts[o.fact] = variable()
				}
				meaning[o] = func() bool { return *facts[o.fact] != o.negated }
			default:
				v := variable()
				meaning[o] = func() bool { return *v }
			}
		})
	}
	for bits := range uint64(1) << len(values) {
		for i, v := range values {
			*v = bits>>i&1 == 1
		}
		if h.possible(rights) && h.allHold(meaning) {
			return true
		}
	}
	return false
}

// possible reports whether someone can have these rights and no others here.
func (h *oracleHandler) possible(rights map[string]*bool) bool {
	authenticated, mentioned := rights["authenticated"]
	if !mentioned || *authenticated {
		return true
	}
	for _, v := range rights {
		if *v {
			return false
		}
	}
	return h.public
}

func (h *oracleHandler) allHold(meaning map[*expr]func() bool) bool {
	for _, step := range h.steps() {
		if o := step.whole(); o != nil && o.kind == errorStep {
			continue
		}
		if !substitute(step, meaning) {
			return false
		}
	}
	return true
}

func substitute(e *expr, meaning map[*expr]func() bool) bool {
	switch e.op {
	case "!":
		return !substitute(e.x, meaning)
	case "()":
		return substitute(e.x, meaning)
	case "&&":
		return substitute(e.x, meaning) && substitute(e.y, meaning)
	case "||":
		return substitute(e.x, meaning) || substitute(e.y, meaning)
	}
	return meaning[e]()
}

// asksFor returns all rights that matter to a built-in guard or a comparison of two.
func (o *operand) asksFor() []string {
	if o.compare {
		return append([]string{"staff"}, o.rights...)
	}
	return o.rights
}

var errTooLarge = errors.New("too many variables")

// size returns errTooLarge where canHold would take too long, or the generator gives up and lets the guard pass.
func (h *oracleHandler) size() error {
	rights, others := map[string]bool{}, 0
	for _, step := range h.steps() {
		step.operands(func(o *expr) {
			for _, r := range o.asksFor() {
				rights[r] = true
			}
			if len(o.rights) == 0 {
				others++
			}
		})
	}
	if len(rights)+others > 13 {
		return errTooLarge
	}
	return nil
}
