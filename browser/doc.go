// Package browser tests logins by cookie in a browser: Debian's Chromium, without
// a window, opens the pages of examples/annotated, and those of attackers. It
// is what decides which requests cookies go out with, which of them say where they
// come from, and what is still there after a log-out; no other test knows that.
//
// Its servers are on 127.0.0.1, and speak HTTP without TLS: browsers trust the
// loopback interface, and keep Secure cookies of it. A page on another port of
// 127.0.0.1 is of the same site, but of another origin, so that its requests have
// the cookie; one on localhost is of another site.
//
// Chromium is installed by ./install.
package browser
