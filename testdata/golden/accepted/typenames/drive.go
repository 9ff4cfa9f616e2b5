package typenames

import (
	nethttp "net/http"
)

// Drive returns what the requests of this case are sent to.
func Drive() (nethttp.Handler, error) {
	r, err := newGuardedRuntime(runtime{})
	if err != nil {
		return nil, err
	}
	h, err := newGuardedHttp(http{})
	if err != nil {
		return nil, err
	}
	e, err := newGuardedErrors(&errors{1})
	if err != nil {
		return nil, err
	}
	mux := nethttp.NewServeMux()
	mux.Handle("/runtime/", r)
	mux.Handle("/http/", h)
	mux.Handle("/errors/", e)
	return mux, nil
}
