package bench

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"math/big"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A signature reports whether it is that of the text.
type signature func(text, signature []byte) bool

// newSignature returns what verifies signatures of the algorithm with as little as the standard library can do with.
func newSignature(algorithm string, key any) signature {
	switch algorithm {
	case "HS256":
		macs := sync.Pool{New: func() any { return &mac{Hash: hmac.New(sha256.New, key.([]byte))} }}
		return func(text, signature []byte) bool {
			m := macs.Get().(*mac)
			defer macs.Put(m)
			m.Reset()
			m.Write(text)
			m.sum = m.Sum(m.sum[:0])
			return hmac.Equal(signature, m.sum)
		}
	case "RS256":
		return func(text, signature []byte) bool {
			sum := sha256.Sum256(text)
			return rsa.VerifyPKCS1v15(key.(*rsa.PublicKey), crypto.SHA256, sum[:], signature) == nil
		}
	case "ES256":
		return func(text, signature []byte) bool {
			sum := sha256.Sum256(text)
			var r, s big.Int
			return len(signature) == 64 && ecdsa.Verify(key.(*ecdsa.PublicKey), sum[:], r.SetBytes(signature[:32]), s.SetBytes(signature[32:]))
		}
	case "EdDSA":
		return func(text, signature []byte) bool {
			return ed25519.Verify(key.(ed25519.PublicKey), text, signature)
		}
	}
	panic(fmt.Sprintf("no signature %s", algorithm))
}

// A mac is used again and again, with the place for its result.
type mac struct {
	hash.Hash
	sum []byte
}

// A limit verifies tokens by hand, as fast as one can go who knows the issuer and its tokens well. It is a mark to measure by: it
// takes tokens with doubled names and an odd layout, which a library must not.
type limit struct {
	header    string // the only one that is accepted, in base64
	holds     signature
	scratches sync.Pool
}

// A scratch is what a verification needs for a moment.
type scratch struct{ token, payload, signature []byte }

func newLimitVerifier(algorithm string, key any) *limit {
	header := fmt.Sprintf(`{"alg":%q,"typ":"JWT"}`, algorithm)
	return &limit{
		header:    base64.RawURLEncoding.EncodeToString([]byte(header)),
		holds:     newSignature(algorithm, key),
		scratches: sync.Pool{New: func() any { return new(scratch) }},
	}
}

var (
	errToken   = errors.New("no token of the issuer")
	errForged  = errors.New("forged")
	errExpired = errors.New("expired")
)

// open returns the payload of a token whose signature holds, in a scratch that must be put back.
func (l *limit) open(token string) (*scratch, error) {
	s := l.scratches.Get().(*scratch)
	if err := l.decode(token, s); err != nil {
		l.scratches.Put(s)
		return nil, err
	}
	return s, nil
}

func (l *limit) decode(token string, s *scratch) (err error) {
	header, _, _ := strings.Cut(token, ".")
	end := strings.LastIndexByte(token, '.')
	if header != l.header || end <= len(header) {
		return errToken
	}
	s.token = append(s.token[:0], token...)
	if s.signature, err = base64.RawURLEncoding.AppendDecode(s.signature[:0], s.token[end+1:]); err != nil {
		return errToken
	}
	if !l.holds(s.token[:end], s.signature) {
		return errForged
	}
	if s.payload, err = base64.RawURLEncoding.AppendDecode(s.payload[:0], s.token[len(header)+1:end]); err != nil {
		return errToken
	}
	return nil
}

// verify sets c to the claims of a token that holds.
func (l *limit) verify(token string, c *byHand) error {
	s, err := l.open(token)
	if err != nil {
		return err
	}
	defer l.scratches.Put(s)
	if !c.decode(string(s.payload)) || c.subject == "" {
		return errToken
	}
	if time.Now().Unix() >= c.expires {
		return errExpired
	}
	return nil
}

// byHand are claims as they are decoded by hand. The texts are parts of one string.
type byHand struct {
	subject, id, username, email string
	issuedAt, expires            int64
	staff, superuser             bool
	permissions                  []string
	space                        [16]string // where permissions begin
}

// decode reads the claims, in the JSON that the issuer writes: no escapes, and no names but those that are known.
func (c *byHand) decode(text string) bool {
	in := input{text: text}
	c.permissions = c.space[:0]
	for separator := byte('{'); in.take(separator); separator = ',' {
		name := in.string()
		in.must(':')
		switch name {
		case "sub":
			c.subject = in.string()
		case "jti":
			c.id = in.string()
		case "username":
			c.username = in.string()
		case "email":
			c.email = in.string()
		case "iat":
			c.issuedAt = in.integer()
		case "exp":
			c.expires = in.integer()
		case "is_staff":
			c.staff = in.bool()
		case "is_superuser":
			c.superuser = in.bool()
		case "permissions":
			for separator := byte('['); in.take(separator); separator = ',' {
				c.permissions = append(c.permissions, in.string())
			}
			in.must(']')
		default:
			return false
		}
	}
	in.must('}')
	return !in.failed && in.text == ""
}

// An input is text that is still to be read, from its front.
type input struct {
	text   string
	failed bool
}

func (in *input) take(c byte) bool {
	ok := in.text != "" && in.text[0] == c
	if ok {
		in.text = in.text[1:]
	}
	return ok
}

func (in *input) must(c byte) {
	if !in.take(c) {
		in.failed = true
	}
}

func (in *input) string() string {
	in.must('"')
	text, rest, ok := strings.Cut(in.text, `"`)
	if !ok || strings.IndexByte(text, '\\') >= 0 {
		in.failed = true
		return ""
	}
	in.text = rest
	return text
}

func (in *input) integer() int64 {
	end := 0
	for end < len(in.text) && '0' <= in.text[end] && in.text[end] <= '9' {
		end++
	}
	n, err := strconv.ParseInt(in.text[:end], 10, 64)
	in.failed = in.failed || err != nil
	in.text = in.text[end:]
	return n
}

func (in *input) bool() bool {
	if rest, ok := strings.CutPrefix(in.text, "true"); ok {
		in.text = rest
		return true
	}
	rest, ok := strings.CutPrefix(in.text, "false")
	in.failed = in.failed || !ok
	in.text = rest
	return false
}

// limitKey is the key of the claims in the context.
type limitKey struct{}

// newLimit returns the row of hand-written middleware at the limit.
func newLimit() (http.Handler, error) {
	l := newLimitVerifier("HS256", secret)
	next := route(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := r.Context().Value(limitKey{}).(*byHand)
		if !slices.Contains(c.permissions, Permission) {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		respond(w, c.subject)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		c := new(byHand)
		if !ok || l.verify(token, c) != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), limitKey{}, c)))
	}), nil
}
