package session

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/credential"
	"github.com/boltauthgen/boltauthgen/runtime"
)

// A cookie is the cookie of sessions.
type cookie struct {
	credential.Cookie
	name     string
	loopback bool // plain HTTP, on this machine only
}

func newCookie(name string, loopback bool) (cookie, error) {
	c := cookie{name: name, loopback: loopback}
	var err error
	if loopback {
		c.name = cmp.Or(name, "session")
		c.Cookie, err = credential.NewLoopbackCookie(c.name, maxID)
	} else {
		c.name = cmp.Or(name, "__Host-session")
		c.Cookie, err = credential.NewCookie(c.name, maxID)
	}
	return c, err
}

// read returns the id that came with a request.
func (c cookie) read(r *http.Request) (presented, error) {
	text, err := c.Read(r)
	if err != nil {
		return presented{}, err
	}
	if !c.mayCome(r) {
		return presented{}, errInsecure
	}
	return parse(text)
}

// mayCome reports whether the cookie may be sent and received on the connection
// that the request came on.
func (c cookie) mayCome(r *http.Request) bool { return !c.loopback || isLoopback(r) }

// set has the browser keep the cookie: for the given time, or if that is 0, until
// it is closed; if it is negative, no longer. It takes the place of one that was
// set before (RFC 6265 section 4.1.1).
func (c cookie) set(w http.ResponseWriter, text string, lifetime time.Duration) {
	cookie := &http.Cookie{
		Name: c.name, Value: text, Path: "/", MaxAge: int(lifetime / time.Second),
		Secure: !c.loopback, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if lifetime < 0 {
		cookie.MaxAge = -1
	}
	header := w.Header()
	header["Set-Cookie"] = slices.DeleteFunc(header["Set-Cookie"], func(line string) bool {
		return strings.HasPrefix(line, c.name+"=")
	})
	http.SetCookie(w, cookie)
	header.Set("Cache-Control", "no-store")
}

// lifetime returns for how long the browser is to keep the cookie of a session.
func lifetime(r Record, now time.Time) time.Duration {
	if !r.Remembered {
		return 0
	}
	return r.Deadline.Sub(now)
}

// mayChange returns an error if a page of another site caused the request, or the
// cookie must not go out on its connection.
func (b *Backend) mayChange(r *http.Request) error {
	if err := b.ready(); err != nil {
		return err
	}
	if !b.cookie.mayCome(r) {
		return fmt.Errorf("%w: %w", runtime.ErrForbidden, errInsecure)
	}
	if err := b.origins.Check(r); err != nil {
		return fmt.Errorf("%w: %w", runtime.ErrForbidden, err)
	}
	return nil
}
