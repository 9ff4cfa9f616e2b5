package main

import (
	"context"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
)

// advisedIterations is how much work OWASP wants to go into PBKDF2 with SHA-256.
const advisedIterations = 600_000

// iterations is the work that goes into a new hash. Tests do with less: the race detector makes it a hundred times slower.
var iterations = advisedIterations

// A passwordHash is what is stored of a password. As text it is pbkdf2_sha256$ITERATIONS$SALT$HASH, as Django writes it.
type passwordHash struct {
	iterations int
	salt       string
	sum        []byte
}

// noPassword is the hash of no password, at the price of one.
func noPassword() passwordHash {
	return passwordHash{iterations: iterations, salt: "nobody has this password", sum: make([]byte, sha256.Size)}
}

// hashPassword returns the hash of a password with a new salt.
func hashPassword(password string) (passwordHash, error) {
	h := passwordHash{iterations: iterations, salt: rand.Text()}
	var err error
	h.sum, err = pbkdf2.Key(sha256.New, password, []byte(h.salt), h.iterations, sha256.Size)
	return h, err
}

// matches reports whether the hash is that of the password. How long it takes does not depend on the answer.
func (h passwordHash) matches(password string) (bool, error) {
	sum, err := pbkdf2.Key(sha256.New, password, []byte(h.salt), h.iterations, len(h.sum))
	return err == nil && subtle.ConstantTimeCompare(sum, h.sum) == 1, err
}

func (h passwordHash) String() string {
	return fmt.Sprintf("pbkdf2_sha256$%d$%s$%s", h.iterations, h.salt, base64.StdEncoding.EncodeToString(h.sum))
}

var errPasswordHash = errors.New("stored password is not a pbkdf2_sha256 hash")

// parsePasswordHash is the inverse of String. It refuses more iterations than are ever written, so that a row of the database cannot keep a core busy.
func parsePasswordHash(text string) (passwordHash, error) {
	parts := strings.Split(text, "$")
	if len(parts) != 4 || parts[0] != "pbkdf2_sha256" || parts[2] == "" {
		return passwordHash{}, errPasswordHash
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil || n < 1 || n > advisedIterations {
		return passwordHash{}, errPasswordHash
	}
	sum, err := base64.StdEncoding.DecodeString(parts[3])
	if err != nil || len(sum) != sha256.Size {
		return passwordHash{}, errPasswordHash
	}
	return passwordHash{iterations: n, salt: parts[2], sum: sum}, nil
}

// hashing bounds how many passwords are checked at once: more than there are processors would only make all of them wait, and everybody else.
var hashing = make(chan struct{}, runtime.GOMAXPROCS(0))

// checkPassword is matches, once it is this caller's turn.
func checkPassword(ctx context.Context, h passwordHash, password string) (bool, error) {
	select {
	case hashing <- struct{}{}:
		defer func() { <-hashing }()
		return h.matches(password)
	case <-ctx.Done():
		return false, ctx.Err()
	}
}
