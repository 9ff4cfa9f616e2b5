package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime/apikey"
	"github.com/boltauthgen/boltauthgen/runtime/jwtauth"
)

// Settings are what the environment says.
type settings struct {
	addr     string // ADDR: where to listen; port 0 picks a free one
	database string // DATABASE: path of the SQLite file; empty: in memory

	secret     []byte         // SECRET_KEY: signs and verifies tokens; nil if keys verify them
	keys       jwtauth.KeySet // JWT_PUBLIC_KEYS, or fetched from jwksURL: verify tokens that somebody else signs; nil if there is a secret
	jwksURL    string         // JWT_JWKS_URL: empty if keys come from a file, or there is a secret
	algorithms []string       // JWT_ALGORITHMS: nil for the default
	audience   []string       // JWT_AUDIENCE: nil if tokens name none
	issuer     string         // JWT_ISSUER
	header     string         // JWT_HEADER: of the token
	leeway     time.Duration  // JWT_LEEWAY: in seconds there

	apiKeys    []apikey.Key // API_KEYS
	revocation string       // REVOCATION: URL of the store of what has been revoked

	madeSecret bool   // SECRET_KEY is not set
	madeKey    string // the one API key if API_KEYS is not set; else empty
}

// An environment is the process's, or a test's.
type environment func(name string) (value string, set bool)

// get returns the value of a variable, or the default. A variable that is set to nothing is an error: it looks like a setting, and is none.
func (env environment) get(name, otherwise string) (string, error) {
	value, set := env(name)
	if !set {
		return otherwise, nil
	}
	if value == "" {
		return "", fmt.Errorf("%s: is empty; give it a value or unset it", name)
	}
	return value, nil
}

// readSettings reads the environment. The error names every variable that is wrong, and never holds a secret.
func readSettings(env environment) (settings, error) {
	s := settings{}
	readers := []struct {
		name, otherwise string
		read            func(value string) error
	}{
		{"ADDR", "127.0.0.1:8080", s.readAddr},
		{"DATABASE", "", s.readDatabase},
		{"JWT_PUBLIC_KEYS", "", s.readPublicKeys}, // before SECRET_KEY, which is not needed with it
		{"JWT_JWKS_URL", "", s.readJWKSURL},       // likewise
		{"SECRET_KEY", "", s.readSecret},
		{"JWT_ALGORITHMS", "", s.readAlgorithms},
		{"JWT_AUDIENCE", "", s.readAudience},
		{"JWT_ISSUER", "", s.readIssuer},
		{"JWT_HEADER", "Authorization", s.readHeader},
		{"JWT_LEEWAY", "0", s.readLeeway},
		{"API_KEYS", "", s.readAPIKeys},
		{"REVOCATION", inMemory, s.readRevocation},
	}
	var problems []error
	for _, r := range readers {
		value, err := env.get(r.name, r.otherwise)
		if err == nil {
			if err = r.read(value); err != nil {
				err = fmt.Errorf("%s: %w", r.name, err)
			}
		}
		problems = append(problems, err)
	}
	return s, errors.Join(problems...)
}

func (s *settings) readAddr(value string) error     { s.addr = value; return nil }
func (s *settings) readDatabase(value string) error { s.database = value; return nil }

func (s *settings) readIssuer(value string) error {
	s.issuer = value
	return tryJWT(jwtauth.Config{Issuer: value})
}

func (s *settings) readHeader(value string) error {
	s.header = value
	return tryJWT(jwtauth.Config{Header: value})
}

// tryJWT finds what is wrong with a part of a configuration, so that the error can name the variable that it comes from.
func tryJWT(config jwtauth.Config) error {
	if config.Secret == nil && config.Keys == nil {
		config.Secret = makeSecret()
	}
	_, err := jwtauth.New(config)
	return err
}

// makeSecret returns a random secret, as long as the longest HMAC wants it.
func makeSecret() []byte {
	secret := make([]byte, 64)
	_, _ = rand.Read(secret) // it never fails
	return []byte(hex.EncodeToString(secret))
}

func (s *settings) readPublicKeys(path string) error {
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		s.keys, err = jwtauth.ParseJWKS(text)
	} else {
		s.keys, err = jwtauth.ParsePEM(text)
	}
	return err
}

func (s *settings) readJWKSURL(value string) error {
	if value != "" && s.keys != nil {
		return errors.New("is set beside JWT_PUBLIC_KEYS")
	}
	s.jwksURL = value
	return nil
}

// foreign reports whether tokens are signed by somebody else.
func (s *settings) foreign() bool { return s.keys != nil || s.jwksURL != "" }

// fetchKeys fetches the keys from the URL, if there is one, and keeps them up to date until the context is done. The error names the
// variable that is wrong.
func (s *settings) fetchKeys(ctx context.Context) error {
	if s.jwksURL == "" {
		return nil
	}
	if s.issuer == "" {
		return errors.New("JWT_ISSUER: is needed with JWT_JWKS_URL")
	}
	var err error
	if s.keys, err = jwtauth.JWKSURL(ctx, s.jwksURL); err != nil {
		return fmt.Errorf("JWT_JWKS_URL: %w", err)
	}
	if err := tryJWT(jwtauth.Config{Keys: s.keys, Algorithms: s.algorithms, Issuer: s.issuer}); err != nil {
		return fmt.Errorf("JWT_ALGORITHMS: %w", err)
	}
	return nil
}

func (s *settings) readSecret(value string) error {
	switch {
	case s.foreign():
	case value == "":
		s.secret, s.madeSecret = makeSecret(), true
	default:
		s.secret = []byte(value)
		return tryJWT(jwtauth.Config{Secret: s.secret})
	}
	return nil
}

func (s *settings) readAlgorithms(value string) error {
	if value == "" {
		if s.foreign() {
			return errors.New("is needed with JWT_PUBLIC_KEYS and JWT_JWKS_URL")
		}
		return nil
	}
	for name := range strings.SplitSeq(value, ",") {
		s.algorithms = append(s.algorithms, strings.TrimSpace(name))
	}
	if s.jwksURL != "" {
		return nil // fetchKeys will see whether there are keys for them
	}
	return tryJWT(jwtauth.Config{Algorithms: s.algorithms, Keys: s.keys})
}

func (s *settings) readAudience(value string) error {
	if value == "" {
		return nil
	}
	s.audience = []string{value}
	return tryJWT(jwtauth.Config{Audience: s.audience})
}

func (s *settings) readLeeway(value string) error {
	seconds, err := strconv.ParseUint(value, 10, 32)
	if err != nil {
		return errors.New("is not a whole number of seconds")
	}
	s.leeway = time.Duration(seconds) * time.Second
	return tryJWT(jwtauth.Config{Leeway: s.leeway})
}

// An apiKey is an element of the file that API_KEYS names.
type apiKey struct {
	ID          string    `json:"id"`
	Key         string    `json:"key"`
	SHA256      string    `json:"sha256"` // instead of the key
	Permissions []string  `json:"permissions"`
	Expires     time.Time `json:"expires"` // RFC 3339
}

// readAPIKeys reads the file, or makes a key up so that there is one to try.
func (s *settings) readAPIKeys(path string) error {
	if path == "" {
		s.madeKey = rand.Text()
		s.apiKeys = []apikey.Key{{ID: "demo", Secret: s.madeKey, Permissions: []string{ViewArticle}}}
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var keys []apiKey
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&keys); err != nil || keys == nil {
		return fmt.Errorf("%s is not a JSON list of keys, each with id, key or sha256, permissions and expires", path) // err may quote a key
	}
	if _, err := decoder.Token(); err != io.EOF {
		return fmt.Errorf("%s goes on after the list", path)
	}
	for _, k := range keys {
		s.apiKeys = append(s.apiKeys, apikey.Key{ID: k.ID, Secret: k.Key, SHA256: k.SHA256, Permissions: k.Permissions, Expires: k.Expires})
	}
	_, err = apikey.New(apikey.Config{Keys: s.apiKeys})
	return err
}
