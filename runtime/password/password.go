// Package password hashes passwords and checks them against what is stored.
//
// A login loads the user's row, checks, and stores a new hash if there is
// something better than the old one by now:
//
//	hash := password.Nobody() // an unknown user costs as much as a known one
//	if user != nil {
//		hash = user.Password
//	}
//	ok, upgrade, err := password.Check(ctx, hash, text)
//	switch {
//	case err != nil:
//		return err
//	case !ok:
//		return errLogin // one answer, whatever was wrong
//	case upgrade:
//		if hash, err := password.Hash(ctx, text); err == nil { … } // store it in place of the old one
//	}
//
// # Formats
//
// [Hash] writes argon2id (RFC 9106) with the parameters that OWASP advises: 19
// MiB, 2 passes, 1 lane, a salt of 16 random bytes, as a PHC string. [Check]
// reads
//
//	$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH       argon2id, as the reference implementation writes it
//	$2b$12$SALTHASH                                bcrypt, also $2a$ and $2y$
//	pbkdf2_sha256$600000$SALT$HASH                 PBKDF2 with SHA-256, as Django writes it
//
// Passwords are compared as bytes, as they come: where a letter can be written
// in two ways, whoever wants them to be one normalises before.
//
// # Bounds
//
// Rows of a database may hold anything, and must not be able to keep a core
// busy. What would take much more than a second matches no password: argon2id
// with more than 128 MiB, 64 passes, 16 lanes, or 1 GiB in all passes together;
// bcrypt with a cost above 14; PBKDF2 with more than 4,000,000 iterations. Nor
// does what is in none of the formats, such as "" and "!", which mark users who
// have no password. Both cost as much time as [Nobody].
//
// A password of 0 bytes, of more than 4,096, or with a NUL in it is never hashed
// and never matches: to PBKDF2 and bcrypt "a" is the same with a NUL behind it.
// A password of more than 72 bytes does not match a hash of bcrypt, which does
// not see the rest.
//
// As many passwords are hashed at once, in the whole process, as there are
// processors, and fewer if they take more than 64 MiB each. Up to a hundred for
// each processor wait for their turn; further ones are refused at once with
// [runtime.ErrUnavailable], and so are those that have waited for ten seconds, since
// clients do not wait for longer. Where failures by address are
// limited, as package throttle does, let the limit be less than a hundred, so that
// no client alone can keep all others out.
package password

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// maxLength is the length of the longest password in bytes.
const maxLength = 4096

var (
	errEmpty = errors.New("it is empty")
	errLong  = fmt.Errorf("longer than %d bytes", maxLength)
	errNUL   = errors.New("a NUL in it")
)

// judge returns nil if the text can be a password at all.
func judge(text string) error {
	switch {
	case text == "":
		return errEmpty
	case len(text) > maxLength:
		return errLong
	case strings.Contains(text, "\x00"):
		return errNUL
	}
	return nil
}

// Hash returns the hash of a password, with a new salt, to be stored. The error
// says that the password is empty, too long or has a NUL in it, or is that of
// waiting for its turn: see [Check].
func Hash(ctx context.Context, text string) (string, error) {
	if err := judge(text); err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	release, err := queue.enter(ctx, advised)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	defer release()
	h := argon2id{params: advised, salt: make([]byte, saltSize)}
	_, _ = rand.Read(h.salt) // never fails
	h.sum = h.params.sum(text, h.salt, sumSize)
	return h.String(), nil
}

// Check reports whether the password is the one whose hash is stored, and if so,
// whether the hash should be replaced by a new one of the same password, since
// it is not of argon2id, or weaker than what [Hash] makes. A stored hash that
// cannot be used matches nothing and is no error: see [Usable].
//
// How long it takes depends on the stored hash, and not on what is wrong with
// the password; but one that could be nobody's is not hashed at all.
//
// The error is a [runtime.ErrUnavailable]: the context ended before it was this
// password's turn, and then the context's error is one as well, or too many wait.
// Hashing itself, once begun, is not interrupted.
func Check(ctx context.Context, hash, text string) (ok, upgrade bool, err error) {
	if judge(text) != nil {
		return false, false, nil
	}
	stored, usable := parse(hash)
	if !usable {
		stored, _ = parse(Nobody())
	}
	release, err := queue.enter(ctx, stored.cost())
	if err != nil {
		return false, false, fmt.Errorf("check password: %w", err)
	}
	defer release()
	ok = stored.matches(text) && usable
	return ok, ok && stored.weak(), nil
}

// Usable reports whether there can be a password that a stored hash matches:
// whether it is in one of the formats, and within the bounds. It does not hash
// anything.
func Usable(hash string) bool {
	_, usable := parse(hash)
	return usable
}

// Nobody returns a hash that costs as much as one of [Hash] and matches no
// password, for users who do not exist. It is the same as long as the process
// runs.
//
// Users whose hash is of another kind, since they have not logged in for long,
// cost another time than nobody. Where most hashes are of that kind, Django's,
// say, check unknown users against one of theirs that was made of random bytes.
func Nobody() string { return nobody() }

var nobody = sync.OnceValue(func() string {
	h := argon2id{params: advised, salt: make([]byte, saltSize), sum: make([]byte, sumSize)}
	_, _ = rand.Read(h.salt)
	_, _ = rand.Read(h.sum)
	return h.String()
})
