package ownproviders

import (
	"net/http"
)

// Drive returns what the requests of this case are sent to.
func Drive() (http.Handler, error) {
	a, err := NewGuardedA(A{})
	if err != nil {
		return nil, err
	}
	b, err := NewGuardedB(&B{n: 3})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/a", a.Show)
	mux.Handle("/", b)
	return mux, nil
}
