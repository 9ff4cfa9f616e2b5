package session

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"strings"
)

// An id is what the cookie holds: two random texts with a dot between them. The
// first stays the same as long as the session lives, so that logging out finds the
// session whatever else is going on. The second is replaced when the id is renewed,
// and without it the first is good for nothing but to log out.
//
// crypto/rand.Text makes 26 characters at present, and may make more some time.
const (
	minPart = 26
	maxPart = 64
	maxID   = 2*maxPart + 1
)

// A presented is an id that came with a request, or is about to be sent. It is as
// secret as its first part is.
type presented struct {
	first      string
	id, secret Digest
}

// newID returns a new id and its text.
func newID() (string, presented) { return presented{first: rand.Text()}.renewed() }

// renewed returns the id with another second part, and its text.
func (p presented) renewed() (string, presented) {
	second := rand.Text()
	return p.first + "." + second, presented{first: p.first, id: digest(p.first), secret: digest(second)}
}

// parse returns an id that has the shape of one.
func parse(text string) (presented, error) {
	first, second, _ := strings.Cut(text, ".")
	if !isPart(first) || !isPart(second) {
		return presented{}, errShape
	}
	return presented{first: first, id: digest(first), secret: digest(second)}, nil
}

// isPart reports whether the text is one that crypto/rand.Text can have made.
func isPart(text string) bool {
	if len(text) < minPart || len(text) > maxPart {
		return false
	}
	for _, c := range []byte(text) {
		if (c < 'A' || c > 'Z') && (c < '2' || c > '7') { // RFC 4648 section 6
			return false
		}
	}
	return true
}

func digest(part string) Digest { return sha256.Sum256([]byte(part)) }

// proves reports whether the id is the one that the session has now.
func (p presented) proves(r Record) bool {
	return subtle.ConstantTimeCompare(p.secret[:], r.Secret[:]) == 1
}
