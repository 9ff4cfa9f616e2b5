package jwtauth

import (
	"encoding/base64"
	"strings"
	"sync"

	"github.com/boltauthgen/boltauthgen/internal/strictjson"
)

const (
	// maxToken is the length of the longest token that is looked at. Claims can
	// take three quarters of it.
	maxToken = 16 << 10

	// maxName bounds identifiers; OpenID Connect Core section 2 gives sub 255
	// characters.
	maxName = 255
)

// A token is what the strict pass finds in a token's text: shape, names and
// types, but nothing that a configuration decides, and no word on whether the
// signature holds.
type token struct {
	header header
	claims claims
}

// A scratch is the memory for one token at a time.
type scratch struct {
	raw     []byte // the token
	signed  []byte // the part of it that the signature is about
	decoded []byte // the part that was decoded last: in the end, the signature

	first, last int // where the dots are
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// encoding is that of RFC 7515 section 2, with the one canonical last character
// (RFC 4648 section 3.5).
var encoding = base64.RawURLEncoding.Strict()

// A knownHeader is the header of a token that held. It is remembered because
// nearly all tokens of an issuer have the same.
type knownHeader struct {
	encoded string
	header  header
}

// open is the first part of the strict pass: the shape, and the header, which
// is not read again if it is the known one; known may be nil. t must be zero.
func (s *scratch) open(text string, known *knownHeader, t *token) error {
	if len(text) > maxToken {
		return errSize
	}
	s.first = strings.IndexByte(text, '.')
	s.last = s.first + 1 + strings.IndexByte(text[s.first+1:], '.')
	if s.last <= s.first || strings.IndexByte(text[s.last+1:], '.') >= 0 {
		return errShape // not two dots
	}
	s.raw = append(s.raw[:0], text...)
	if known != nil && known.encoded == text[:s.first] {
		t.header = known.header
		return nil
	}
	if err := s.decode(0, s.first); err != nil {
		return err
	}
	return t.header.parse(string(s.decoded))
}

// payload returns the text of the claims of the token that was opened.
func (s *scratch) payload() (string, error) {
	if err := s.decode(s.first+1, s.last); err != nil {
		return "", err
	}
	return string(s.decoded), nil
}

// signature sets s.signed and s.decoded to what a signature is verified with.
func (s *scratch) signature() error {
	s.signed = s.raw[:s.last]
	return s.decode(s.last+1, len(s.raw))
}

// parse is the strict pass. It is the only one: whatever is known about the
// token comes from here. t must be zero.
func (s *scratch) parse(text string, t *token, names *claimNames) error {
	if err := s.open(text, nil, t); err != nil {
		return err
	}
	payload, err := s.payload()
	if err != nil {
		return err
	}
	if err := t.claims.parse(payload, names); err != nil {
		return err
	}
	return s.signature()
}

// decode sets s.decoded to the part of the token that begins and ends there.
func (s *scratch) decode(begin, end int) (err error) {
	size := end - begin
	s.decoded, err = encoding.AppendDecode(s.decoded[:0], s.raw[begin:end])
	// The encoding skips line ends, so with one of them too little comes out; but
	// not if it is the one character that cannot stand for anything by itself.
	if err != nil || size == 0 || size%4 == 1 || len(s.decoded) != encoding.DecodedLen(size) {
		return errShape
	}
	return nil
}

// lookalike reports whether a name is not one of those known, but could be
// taken for one by a reader that ignores case, as encoding/json does.
func lookalike(name string, known []string) bool {
	for _, c := range []byte(name) {
		if 'A' <= c && c <= 'Z' || c >= 0x80 {
			for _, k := range known { // all of small letters, so name is none of them
				if strings.EqualFold(name, k) {
					return true
				}
			}
			return false
		}
	}
	return false
}

// identifier returns the contents of a string of 1 to 255 visible ASCII
// characters other than '*'. Identifiers end up in stores, where other
// characters are ignored, folded, or read as a pattern.
func identifier(v strictjson.Value) (string, bool) {
	text, ok := v.String()
	if !ok || text == "" || len(text) > maxName {
		return "", false
	}
	for _, c := range []byte(text) {
		if c <= ' ' || c > '~' || c == '*' {
			return "", false
		}
	}
	return text, true
}
