package receivernames

import (
	"errors"
	"net/http"
)

// Drive returns what the requests of this case are sent to.
func Drive() (http.Handler, error) {
	mux := http.NewServeMux()
	r, err1 := NewGuardedRouter(&Router{})
	w, err2 := NewGuardedWriter(&Writer{})
	p, err3 := NewGuardedPosts(&Posts{})
	g, err4 := NewGuardedGroups(&Groups{})
	c, err5 := NewGuardedCalls(&Calls{})
	e, err6 := NewGuardedErrors(&Errors{})
	a, err7 := NewGuardedAPIs(&APIs{})
	x, err8 := NewGuardedContextes(&Contextes{})
	if err := errors.Join(err1, err2, err3, err4, err5, err6, err7, err8); err != nil {
		return nil, err
	}
	mux.Handle("/r", r)
	mux.Handle("/w", w)
	mux.Handle("/p/", p)
	mux.Handle("/g/", g)
	mux.Handle("/call/", c)
	mux.Handle("/err/", e)
	mux.Handle("/api/", a)
	mux.Handle("/ctx/", x)
	return mux, nil
}
