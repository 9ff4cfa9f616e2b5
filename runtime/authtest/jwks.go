package authtest

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"
)

// JWKS is an endpoint that publishes the public keys of [Tokens] on a loopback interface, and follows their rotation.
type JWKS struct {
	URL string // for jwtauth.JWKSURL

	status  atomic.Int64 // of the answers of an endpoint that fails; else 0
	fetches atomic.Int64
}

// JWKS starts an endpoint, which ends with the test.
func (k *Tokens) JWKS() *JWKS {
	k.t.Helper()
	publish, err := k.ring.JWKSHandler(time.Minute)
	if err != nil {
		k.t.Fatalf("authtest: %v", err)
	}
	j := new(JWKS)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		j.fetches.Add(1)
		if status := j.status.Load(); status != 0 {
			w.WriteHeader(int(status))
			return
		}
		publish.ServeHTTP(w, r)
	}))
	k.t.Cleanup(server.Close)
	j.URL = server.URL + "/.well-known/jwks.json"
	return j
}

// Break has the endpoint answer with this status and nothing else, and with keys again if it is 0.
func (j *JWKS) Break(status int) { j.status.Store(int64(status)) }

// Fetches returns how many requests came so far.
func (j *JWKS) Fetches() int { return int(j.fetches.Load()) }
