package jwtauth

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/refresh"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// ErrReuse is what a refresh token is refused for that came although another one
// had taken its place.
var ErrReuse = errors.New("the refresh token came a second time")

// Why a refresh token is refused, besides what any token is refused for.
var (
	errFamilyEnded = errors.New("the refresh token's family has ended")
	errOtherClient = errors.New("the refresh token was given to another client")
	errLoginOver   = errors.New("the login is too long ago")
	errLoginVoid   = errors.New("the login was before the user's logins were ended")
	errNotOfAPair  = errors.New("the refresh token lacks claims of its family")
	errSealed      = errors.New("the refresh store has a successor that is none")
)

// refused returns the one answer to a refresh token that does not hold.
func refused(reason error) error {
	return runtime.NewError(http.StatusUnauthorized, "The refresh token is expired, revoked or otherwise invalid", reason)
}

// Refresh returns the next pair of the family that a refresh token belongs to.
// The client's id is that of the login, and empty if it had none. The auth_time
// of the tokens stays that of the login.
//
// Errors that are [runtime.ErrUnauthenticated] refuse the token: the user has to
// log in again. Among them, [ErrReuse] says that it came a second time, which
// has ended its family. A [runtime.ErrUnavailable] says that a store has failed,
// and the client may try again with the same token.
func (i *PairIssuer) Refresh(ctx context.Context, text, clientID string) (Pair, error) {
	if i == nil || i.verifier == nil {
		return Pair{}, errNoPairIssuer
	}
	pair, err := i.refresh(ctx, text, clientID)
	if err != nil {
		return Pair{}, fmt.Errorf("refresh: %w", err)
	}
	return pair, nil
}

func (i *PairIssuer) refresh(ctx context.Context, text, clientID string) (Pair, error) {
	// From before all that is asked: what ends the user's tokens meanwhile must find
	// the new ones to be older.
	now := i.now()
	v, err := i.verifier.verify(ctx, text, false)
	if errors.Is(err, runtime.ErrInvalidCredentials) {
		return Pair{}, refused(err)
	}
	if err != nil {
		return Pair{}, err
	}
	l, err := loginOf(v)
	if err != nil {
		return Pair{}, refused(err)
	}
	switch err := i.checkRevocation(ctx, v); {
	case errors.Is(err, runtime.ErrRevoked):
		return Pair{}, i.end(ctx, l, err) // for longer than the revocation may be remembered
	case err != nil:
		return Pair{}, err
	}
	if l.clientID != clientID {
		return Pair{}, refused(errOtherClient)
	}
	account, err := i.stillWelcome(ctx, v.claims.subject, l, now)
	if err != nil {
		return Pair{}, err
	}
	next, expires, err := i.pair(account, l, now)
	if err != nil {
		return Pair{}, err
	}
	return i.rotate(ctx, text, l, v.claims.subject, next, expires, now)
}

// checkRevocation asks about the token, its family and its user.
func (i *PairIssuer) checkRevocation(ctx context.Context, v *verified) error {
	return i.verifier.revocations.Check(ctx, v.claims.revocationToken(v.trust))
}

// loginOf returns what a refresh token says about its family.
func loginOf(v *verified) (login, error) {
	l := login{
		family:   v.claims.family,
		began:    dateClaim(v.principal, "oat").Round(time.Microsecond),
		authTime: v.claims.authTime,
		clientID: textClaim(v.principal, "client_id"),
	}
	if l.family == "" || l.began.IsZero() || l.authTime.IsZero() {
		return login{}, errNotOfAPair
	}
	return l, nil
}

// stillWelcome returns the user, unless the login is void. Then it ends the
// family.
func (i *PairIssuer) stillWelcome(ctx context.Context, userID string, l login, now time.Time) (Account, error) {
	account, err := i.account(ctx, userID)
	switch {
	case isGone(err):
		return Account{}, i.end(ctx, l, err)
	case err != nil:
		return Account{}, err
	case !account.ValidAfter.IsZero() && !l.began.After(account.ValidAfter):
		return Account{}, i.end(ctx, l, errLoginVoid)
	case now.Unix() >= l.end(i.config.MaxAge).Unix():
		return Account{}, i.end(ctx, l, errLoginOver)
	}
	return account, nil
}

// isGone reports whether an error of User says that the user may not log in.
func isGone(err error) bool {
	for _, sentinel := range []error{runtime.ErrUnauthenticated, runtime.ErrForbidden, runtime.ErrNotFound, runtime.ErrRevoked} {
		if errors.Is(err, sentinel) {
			return true
		}
	}
	return false
}

// end ends a family, its access tokens included, and returns the refusal of the
// token that it was found out by.
func (i *PairIssuer) end(ctx context.Context, l login, reason error) error {
	ctx, cancel := uncancelled(ctx)
	defer cancel()
	issuer := i.config.Issuer.issuer
	problems := []error{i.config.Store.End(ctx, issuer, l.family)}
	// Whoever has a token of a family that has ended can present it again and again.
	if problems[0] != nil || !errors.Is(i.familyRevoked(ctx, issuer, l.family), runtime.ErrRevoked) {
		problems = append(problems, i.revokeFamily(ctx, issuer, l.family))
	}
	if err := unavailable("end family", problems...); err != nil {
		return err
	}
	return refused(reason)
}

// familyRevoked returns a [runtime.ErrRevoked] if all tokens of a family have been.
func (i *PairIssuer) familyRevoked(ctx context.Context, issuer, family string) error {
	return i.verifier.revocations.Check(ctx, revocation.Token{Issuer: issuer, Family: family})
}

// rotate puts the next refresh token in the place of the one that came.
func (i *PairIssuer) rotate(ctx context.Context, text string, l login, userID string, next Pair, expires, now time.Time) (Pair, error) {
	sealed, err := seal(next.RefreshToken, text)
	if err != nil {
		return Pair{}, err
	}
	issuer := i.config.Issuer.issuer
	storeCtx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	result, err := i.config.Store.Rotate(storeCtx, refresh.Rotation{
		Issuer: issuer, Family: l.family, Old: digest(text), New: digest(next.RefreshToken),
		Sealed: sealed, Now: now, Grace: i.config.Grace, Expires: expires,
	})
	if err != nil {
		return Pair{}, unavailable("refresh store", err)
	}
	switch result.Outcome {
	case refresh.Rotated:
		return next, nil
	case refresh.Repeated:
		next.RefreshToken, err = unseal(result.Sealed, text)
		return next, err
	case refresh.Reused:
		err := i.end(ctx, l, ErrReuse) // the store has ended the family: this is about access tokens
		i.config.OnReuse(ctx, Reuse{Issuer: issuer, UserID: userID, ClientID: l.clientID, Family: l.family, LoggedIn: l.began})
		return Pair{}, err
	case refresh.Unknown:
		return Pair{}, i.end(ctx, l, errFamilyEnded) // who ended it may have failed to end the access tokens
	}
	return Pair{}, fmt.Errorf("refresh store: outcome %d", result.Outcome)
}

// signedPart returns what the signature of a token is about. The signature
// itself may be written in several ways.
func signedPart(text string) string { return text[:max(0, strings.LastIndexByte(text, '.'))] }

// digest returns what the store knows a refresh token by.
func digest(text string) refresh.Digest { return sha256.Sum256([]byte(signedPart(text))) }

// seal encrypts the successor of a token under a key that only those have who
// have the token. It is authenticated.
func seal(successor, token string) ([]byte, error) {
	aead, err := sealing(token)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	_, _ = rand.Read(nonce) // it never fails
	return aead.Seal(nonce, nonce, []byte(successor), nil), nil
}

// unseal is the inverse of seal.
func unseal(sealed []byte, token string) (string, error) {
	aead, err := sealing(token)
	if err != nil {
		return "", err
	}
	if len(sealed) < aead.NonceSize() {
		return "", errSealed
	}
	successor, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], nil)
	if err != nil {
		return "", errSealed
	}
	return string(successor), nil
}

func sealing(token string) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(signedPart(token)), nil, "boltauthgen: successor of a refresh token", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
