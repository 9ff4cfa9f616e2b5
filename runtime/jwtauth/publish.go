package jwtauth

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"time"
)

// A publicJWK is a public key as it is published. Its fields without the first
// three are the required members in the order of RFC 7638 section 3.
type publicJWK struct {
	KeyID     string `json:"kid,omitempty"`
	Use       string `json:"use,omitempty"`
	Algorithm string `json:"alg,omitempty"`

	Curve    string `json:"crv,omitempty"`
	Exponent string `json:"e,omitempty"`
	Kind     string `json:"kty"`
	Modulus  string `json:"n,omitempty"`
	X        string `json:"x,omitempty"`
	Y        string `json:"y,omitempty"`
}

// newPublicJWK returns the required members of a public key that fits an
// algorithm.
func newPublicJWK(key crypto.PublicKey) (publicJWK, error) {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return publicJWK{
			Kind:     "RSA",
			Modulus:  encoding.EncodeToString(key.N.Bytes()),
			Exponent: encoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
		}, nil
	case *ecdsa.PublicKey:
		point, err := key.Bytes() // 4, x and y (SEC 1 section 2.3.3)
		if err != nil {
			return publicJWK{}, err
		}
		half := len(point) / 2
		return publicJWK{
			Kind:  "EC",
			Curve: key.Curve.Params().Name,
			X:     encoding.EncodeToString(point[1 : 1+half]),
			Y:     encoding.EncodeToString(point[1+half:]),
		}, nil
	case ed25519.PublicKey:
		return publicJWK{Kind: "OKP", Curve: "Ed25519", X: encoding.EncodeToString(key)}, nil
	}
	return publicJWK{}, fmt.Errorf("no algorithm for a key of type %T", key)
}

// thumbprint returns the thumbprint of a public key that fits an algorithm (RFC
// 7638).
func thumbprint(key crypto.PublicKey) string {
	jwk, err := newPublicJWK(key)
	if err != nil {
		return ""
	}
	text, _ := json.Marshal(jwk) // strings always encode
	sum := sha256.Sum256(text)
	return encoding.EncodeToString(sum[:])
}

// A document is a JWK set to be published.
type document struct {
	body []byte
	etag string
}

// newDocument returns the set of the keys that have a public half.
func newDocument(list []ringKey) (document, error) {
	set := struct {
		Keys []publicJWK `json:"keys"`
	}{[]publicJWK{}}
	for _, k := range list {
		if k.key.Public == nil {
			continue
		}
		jwk, err := newPublicJWK(k.key.Public)
		if err != nil {
			return document{}, err
		}
		jwk.KeyID, jwk.Use, jwk.Algorithm = k.id, "sig", k.algorithm.name
		set.Keys = append(set.Keys, jwk)
	}
	body, err := json.Marshal(set)
	if err != nil {
		return document{}, err
	}
	sum := sha256.Sum256(body)
	return document{body: body, etag: `"` + encoding.EncodeToString(sum[:16]) + `"`}, nil
}

// JWKS returns the public keys of the ring as a JWK set (RFC 7517 section 5).
// The slice is the caller's own.
func (r *KeyRing) JWKS() []byte {
	if state := r.load(); state != nil {
		return bytes.Clone(state.document.body)
	}
	return nil
}

// JWKSHandler returns a handler that publishes the JWK set of the ring to
// everybody. Caches may keep it for maxAge, and ask with If-None-Match whether it
// has changed. A key that is removed is trusted for that long by those who do; a
// key that is added should sign that much later.
//
// maxAge is cut to whole seconds. It is an error if that is not between one
// second and a day, or a ring has only secrets, which are never published.
func (r *KeyRing) JWKSHandler(maxAge time.Duration) (http.Handler, error) {
	state := r.load()
	switch {
	case state == nil:
		return nil, errNoRing
	case maxAge < time.Second || maxAge > 24*time.Hour:
		return nil, errors.New("jwtauth.JWKSHandler: maxAge is not between a second and a day")
	case bytes.Equal(state.document.body, []byte(`{"keys":[]}`)):
		return nil, errors.New("jwtauth.JWKSHandler: the ring has no public key")
	}
	cacheControl := fmt.Sprintf("public, max-age=%d", maxAge/time.Second)
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if request.Method != http.MethodGet && request.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		d := &r.load().document
		w.Header().Set("Content-Type", "application/jwk-set+json")
		w.Header().Set("Cache-Control", cacheControl)
		w.Header().Set("ETag", d.etag)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		http.ServeContent(w, request, "", time.Time{}, bytes.NewReader(d.body)) // knows If-None-Match
	}), nil
}
