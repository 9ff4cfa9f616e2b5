package redisstore

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/digest"
	"github.com/boltauthgen/boltauthgen/internal/instant"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// A kind is what an entry revokes.
type kind byte

const (
	tokens   kind = 't'
	families kind = 'f'
	users    kind = 'u'
)

// An entry is one revocation.
type entry struct {
	kind         kind
	issuer, name string

	// order grows when an entry is made to revoke more, or for longer. It is in Unix microseconds: the instant at or
	// before which a user's tokens were issued, and when an entry of another kind is over, [revocation.Grace] included.
	order int64
}

var errData = errors.New("the server has an entry that this store has not written")

// digest returns what an entry is found by.
func (k kind) digest(issuer, name string) string {
	d := digest.Of(byte(k), issuer, name)
	return string(d[:])
}

// text returns an entry as the server has it: its kind, its order, the length of the issuer, a colon, the issuer, the name.
func (e entry) text() string {
	return fmt.Sprintf("%c%s%d:%s%s", e.kind, padded(e.order), len(e.issuer), e.issuer, e.name)
}

// parse is the inverse of text. What text would not return is an error.
func parse(text string) (entry, error) {
	if len(text) <= 1+digits {
		return entry{}, errData
	}
	order, err := parsePadded(text[1 : 1+digits])
	if err != nil {
		return entry{}, err
	}
	length, names, _ := strings.Cut(text[1+digits:], ":")
	n, err := strconv.Atoi(length)
	if err != nil || length != strconv.Itoa(n) || n < 0 || n >= len(names) { // an empty name is none
		return entry{}, errData
	}
	e := entry{kind: kind(text[0]), issuer: names[:n], name: names[n:], order: order}
	switch e.kind {
	case tokens, families, users:
		return e, nil
	}
	return entry{}, errData
}

// change returns what a follower is told of an entry.
func (e entry) change() revocation.Change {
	c := revocation.Change{Issuer: e.issuer}
	switch e.kind {
	case tokens:
		c.ID, c.Until = e.name, instant.Over(e.order, revocation.Grace)
	case families:
		c.Family, c.Until = e.name, instant.Over(e.order, revocation.Grace)
	case users:
		c.UserID, c.Before = e.name, time.UnixMicro(e.order)
	}
	return c
}

// over returns when the entry need not be kept any more, in Unix milliseconds, rounded up; empty if that is never.
func (e entry) over() string {
	if e.kind == users || e.order == instant.Forever {
		return ""
	}
	return strconv.FormatInt(e.order/1000+1, 10)
}
