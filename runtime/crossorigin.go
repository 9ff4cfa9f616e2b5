package runtime

import "net/http"

// checkOrigin returns an error if a page of another site caused the request, with a credential that the browser added
// by itself.
//
// http.CrossOriginProtection lets safe methods pass. A WebSocket begins with a safe one, and browsers let any page
// open it; behind it anything can happen, so a request for another protocol is checked as if its method were unsafe.
func (a *API) checkOrigin(r *http.Request) error {
	if len(r.Header["Upgrade"]) > 0 {
		r = &http.Request{Method: http.MethodPost, Header: r.Header, Host: r.Host, URL: r.URL}
	}
	return a.crossOrigin.Check(r)
}

// protectCached says to caches that the answer belongs to who sent the cookie (RFC 9111 section 5.2.2.7). Directives
// and names that are there stay: of directives in conflict the strictest counts.
func protectCached(header http.Header) {
	header.Add("Cache-Control", "private")
	header.Add("Vary", "Cookie")
}
