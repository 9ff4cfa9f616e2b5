package jwtauth

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

const (
	// minSecret is the size of the hash of HS256 (RFC 7518 section 3.2).
	minSecret = 32

	secretVariable = "SECRET_KEY"
)

// secretFromEnvironment returns the environment's secret. The error names the
// setting that is wrong, and never holds any of it.
func secretFromEnvironment() ([]byte, error) {
	value, ok := os.LookupEnv(secretVariable)
	if !ok {
		return nil, wrong("Secret", "not set, and neither is %s in the environment", secretVariable)
	}
	if err := checkSecret([]byte(value)); err != nil {
		return nil, named("Secret: "+secretVariable+" in the environment", err)
	}
	return []byte(value), nil
}

// checkSecret finds secrets that cannot be meant.
func checkSecret(secret []byte) error {
	switch {
	case len(secret) == 0:
		return errors.New("empty")
	case len(bytes.TrimSpace(secret)) != len(secret):
		return errors.New("white space around it: was it read from a file with a line end?")
	case bytes.HasPrefix(secret, []byte("django-insecure-")):
		return errors.New("one that Django generated for development only")
	case isPublicKey(secret):
		return errors.New("a key or certificate that others may know: use Keys and an algorithm for it")
	case len(secret) < minSecret:
		return fmt.Errorf("%d bytes, and at least %d are needed", len(secret), minSecret)
	}
	return nil
}

// isPublicKey reports whether the text is a key in one of the forms in which
// public keys come. With one of them as an HMAC secret, everybody could sign.
func isPublicKey(text []byte) bool {
	if bytes.Contains(text, []byte("-----BEGIN")) {
		return true
	}
	if _, err := x509.ParsePKIXPublicKey(text); err == nil {
		return true
	}
	if _, err := x509.ParsePKCS1PublicKey(text); err == nil {
		return true
	}
	var jwk struct {
		Kty  *string           `json:"kty"`
		Keys []json.RawMessage `json:"keys"`
	}
	return json.Unmarshal(text, &jwk) == nil && (jwk.Kty != nil || jwk.Keys != nil)
}
