package runtime

import (
	"net/http"
	"slices"
)

// A Route is a pattern and what a request must satisfy to be served there.
type Route struct {
	Pattern     string       // as net/http understands it, "GET /articles/{id}"; "" in an [Event] of a handler that is registered elsewhere
	Name        string       // of the handler, "Server.GetArticle"
	Guard       string       // as written, with those of the levels above; steps are joined with " && "
	Backends    []string     // expressions as written, in the order in which they are tried; empty if there are none
	Permissions []string     // names of the permissions that the guard mentions
	Replaced    string       // why the guards of the levels above do not count; "" where they do
	Public      bool         // whether an anonymous request can be served
	Handler     http.Handler // authenticates, checks and serves; for routers other than the one that is built in
}

// clone returns a copy that shares no slice.
func (r Route) clone() Route {
	r.Backends = slices.Clone(r.Backends)
	r.Permissions = slices.Clone(r.Permissions)
	return r
}
