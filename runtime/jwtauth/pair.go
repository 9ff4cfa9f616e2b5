package jwtauth

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"

	"github.com/boltauthgen/boltauthgen/internal/nilable"
	"github.com/boltauthgen/boltauthgen/internal/revoked"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/refresh"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

const (
	// refreshType is the header's typ of refresh tokens, so that whoever looks at no
	// more than that does not take one for an access token.
	refreshType = "refresh+jwt"

	defaultRefreshLifetime = 14 * 24 * time.Hour
	defaultRefreshMaxAge   = 90 * 24 * time.Hour
	defaultGrace           = 10 * time.Second
	maxGrace               = time.Minute

	// storeTimeout is how long a login, refresh or logout waits for a store.
	storeTimeout = 3 * time.Second
)

// PairConfig configures a [PairIssuer]. Issuer, Store and User are required.
type PairConfig struct {
	// Issuer signs the tokens. Its Lifetime is that of access tokens.
	Issuer *Issuer

	// Store remembers which refresh tokens are good.
	Store refresh.Store

	// User returns the user of this id as they are now, at each login and refresh.
	// An error that is [runtime.ErrUnauthenticated], [runtime.ErrForbidden],
	// [runtime.ErrNotFound] or [runtime.ErrRevoked] says that they may not log in any
	// more, and ends what they are logged in with; any other refuses the request
	// and changes nothing. User must be safe for concurrent use.
	User func(ctx context.Context, id string) (Account, error)

	// Lifetime is how long a refresh token is good, if it is not used before; 0: 14
	// days.
	Lifetime time.Duration

	// MaxAge is how long after the login it can be refreshed at most; 0: 90 days.
	MaxAge time.Duration

	// Grace is how long after a refresh the token that was used for it is answered
	// with the same successor again, since the answer may be lost: at most a
	// minute. 0: ten seconds. Negative: not at all.
	Grace time.Duration

	// Revocation is asked about refresh tokens, and told of families and users whose
	// access tokens end before their time; it is to be that of the backend. Nil:
	// access tokens stay good until they expire.
	Revocation revocation.Store

	// UserIDPrefix is that of the backend, for Revocation.
	UserIDPrefix string

	// OnReuse is told of refresh tokens that came a second time, after their family
	// has ended: somebody has a copy. Nil: it is logged to slog.Default() as a
	// warning. It must be safe for concurrent use.
	OnReuse func(ctx context.Context, r Reuse)
}

// An Account is a user as an application knows them now.
type Account struct {
	User

	// Claims are further claims of access tokens, as in [TokenOptions].
	Claims map[string]any

	// ValidAfter ends logins at or before that time: the password was changed then,
	// say. Zero: it ends none.
	ValidAfter time.Time
}

// A Reuse is a refresh token that came although another one had taken its place.
type Reuse struct {
	Issuer   string
	UserID   string
	ClientID string
	Family   string    // claim fam
	LoggedIn time.Time // when the family began
}

// A Pair is an access token and the refresh token with which to get the next
// pair. As JSON it is the answer of RFC 6749 section 5.1. It prints without its
// tokens.
type Pair struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"` // "Bearer"
	ExpiresIn    int64  `json:"expires_in"` // of the access token, in seconds
	RefreshToken string `json:"refresh_token"`
}

// String keeps tokens out of logs.
func (Pair) String() string { return "jwtauth.Pair" }

// GoString is String, for the verb %#v.
func (p Pair) GoString() string { return p.String() }

// LogValue keeps tokens out of logs.
func (p Pair) LogValue() slog.Value { return slog.StringValue(p.String()) }

// A PairIssuer issues access tokens together with refresh tokens, which serve
// once. A login begins a family of tokens; each refresh replaces the family's
// refresh token. One that comes a second time ends the family, with the access
// tokens that belong to it, but for a short grace (RFC 9700 section 4.14.2). It
// is immutable and safe for concurrent use. A nil one and the zero PairIssuer
// issue nothing but errors.
//
// Besides those of [Issuer.Token], all tokens have the claims typ ("access" or
// "refresh"), fam (the family), oat (when the user logged in, with a fraction)
// and auth_time, and client_id if there is one.
type PairIssuer struct {
	config   PairConfig
	verifier *Backend // of refresh tokens
}

// NewPairIssuer returns a PairIssuer, or an error that names every setting that
// is wrong.
func NewPairIssuer(config PairConfig) (*PairIssuer, error) {
	if config.Lifetime == 0 {
		config.Lifetime = defaultRefreshLifetime
	}
	if config.MaxAge == 0 {
		config.MaxAge = defaultRefreshMaxAge
	}
	switch {
	case config.Grace == 0:
		config.Grace = defaultGrace
	case config.Grace < 0:
		config.Grace = 0
	}
	if config.OnReuse == nil {
		config.OnReuse = logReuse
	}
	revocations, err := revoked.NewAsker(config.Revocation)
	if err := errors.Join(config.check(), named("Revocation", err)); err != nil {
		return nil, fmt.Errorf("jwtauth.NewPairIssuer: %w", err)
	}
	i := &PairIssuer{config: config, verifier: refreshVerifier(config.Issuer, config.UserIDPrefix)}
	i.verifier.revocations = revocations
	return i, nil
}

func (c PairConfig) check() error {
	var problems []error
	note := func(wrongly bool, setting, format string, args ...any) {
		if wrongly {
			problems = append(problems, wrong(setting, format, args...))
		}
	}
	note(c.Issuer == nil || c.Issuer.keys == nil, "Issuer", "nil, or not made by NewIssuer")
	note(nilable.IsNil(c.Store), "Store", "nil")
	note(c.User == nil, "User", "nil")
	note(c.Lifetime < time.Second, "Lifetime", "less than a second")
	note(c.MaxAge < c.Lifetime, "MaxAge", "less than Lifetime")
	note(c.Grace > maxGrace, "Grace", "more than %s", maxGrace)
	return errors.Join(append(problems, checkPrefix(c.UserIDPrefix))...)
}

// refreshVerifier returns a backend that accepts the refresh tokens of an issuer
// and nothing else.
func refreshVerifier(i *Issuer, prefix string) *Backend {
	t := &trust{issuer: i.issuer, audience: i.audience, keys: i.keys, typ: refreshType, names: usualNames, prefix: prefix}
	t.names.refresh = true
	for _, a := range algorithms { // each key is for one of them
		t.algorithms = append(t.algorithms, a.name)
	}
	return &Backend{trusts: []*trust{t}, needID: true, now: i.now}
}

func logReuse(ctx context.Context, r Reuse) {
	slog.WarnContext(ctx, "refresh token came a second time; its family has ended",
		slog.String("user_id", r.UserID), slog.String("issuer", r.Issuer), slog.String("client_id", r.ClientID))
}

// LoginOptions are what may differ from login to login.
type LoginOptions struct {
	// AuthTime is when the user proved who they are; zero: now.
	AuthTime time.Time

	// ClientID is whom the refresh token is given to (RFC 6749 section 2.2): it must
	// be the same at each refresh, and empty there if it is empty here.
	ClientID string
}

// A login is what all tokens of a family have in common.
type login struct {
	family   string
	began    time.Time
	authTime time.Time
	clientID string
}

// end returns when the login is over, whatever is refreshed.
func (l login) end(maxAge time.Duration) time.Time { return l.began.Add(maxAge) }

// LogIn begins a family for a user who has just proved who they are. The error
// is that of User if the user may not log in, and a [runtime.ErrUnavailable] if
// the store fails.
func (i *PairIssuer) LogIn(ctx context.Context, userID string, options LoginOptions) (Pair, error) {
	if i == nil || i.verifier == nil {
		return Pair{}, errNoPairIssuer
	}
	if !utf8.ValidString(options.ClientID) { // JSON would make others of the same of it
		return Pair{}, fmt.Errorf("log in: %w", wrong("ClientID", "not valid UTF-8"))
	}
	// From before the user is looked up: what ends their logins meanwhile must find
	// this one to be older.
	now := i.now()
	account, err := i.account(ctx, userID)
	if err != nil {
		return Pair{}, fmt.Errorf("log in: %w", err)
	}
	l := login{family: rand.Text(), began: now, authTime: options.AuthTime, clientID: options.ClientID}
	if l.authTime.IsZero() {
		l.authTime = now
	}
	pair, expires, err := i.pair(account, l, now)
	if err != nil {
		return Pair{}, fmt.Errorf("log in: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	err = i.config.Store.Start(ctx, refresh.Family{
		Issuer: i.config.Issuer.issuer, ID: l.family, UserID: userID,
		Started: now, Expires: expires, Current: digest(pair.RefreshToken),
	})
	if err != nil {
		return Pair{}, fmt.Errorf("log in: %w: refresh store: %w", runtime.ErrUnavailable, err)
	}
	return pair, nil
}

var errNoPairIssuer = errors.New("jwtauth: the pair issuer was not made by NewPairIssuer")

func (i *PairIssuer) now() time.Time { return i.config.Issuer.now() }

// account asks the application about a user.
func (i *PairIssuer) account(ctx context.Context, userID string) (Account, error) {
	account, err := i.config.User(ctx, userID)
	if err != nil {
		return Account{}, err
	}
	if account.ID != userID {
		return Account{}, errors.New("User returned another user")
	}
	return account, nil
}

// pair returns a new pair of the family, and when its refresh token expires.
func (i *PairIssuer) pair(account Account, l login, now time.Time) (Pair, time.Time, error) {
	access, err := i.access(account, l, now)
	if err != nil {
		return Pair{}, time.Time{}, err
	}
	expires := now.Add(i.config.Lifetime)
	if end := l.end(i.config.MaxAge); end.Before(expires) {
		expires = end
	}
	expires = time.Unix(expires.Unix(), 0)
	claims := jwt.MapClaims{"sub": account.ID, "iat": now.Unix(), "exp": expires.Unix(), "jti": rand.Text()}
	i.config.Issuer.address(claims)
	l.mark(claims, refreshPurpose)
	text, err := i.config.Issuer.sign(claims, refreshType)
	if err != nil {
		return Pair{}, time.Time{}, fmt.Errorf("issue refresh token: %w", err)
	}
	return Pair{
		AccessToken: access, TokenType: "Bearer", ExpiresIn: i.seconds(), RefreshToken: text,
	}, expires, nil
}

func (i *PairIssuer) access(account Account, l login, now time.Time) (string, error) {
	claims, err := i.config.Issuer.claims(account.User, TokenOptions{Claims: account.Claims})
	if err != nil {
		return "", fmt.Errorf("issue access token: %w", err)
	}
	claims["iat"], claims["exp"] = now.Unix(), now.Unix()+i.seconds()
	l.mark(claims, "access")
	text, err := i.config.Issuer.sign(claims, "")
	if err != nil {
		return "", fmt.Errorf("issue access token: %w", err)
	}
	return text, nil
}

// seconds returns how long access tokens are good.
func (i *PairIssuer) seconds() int64 { return int64(i.config.Issuer.lifetime / time.Second) }

// mark adds the claims that all tokens of a family have.
func (l login) mark(claims jwt.MapClaims, purpose string) {
	claims["typ"] = purpose
	claims["fam"] = l.family
	claims["oat"] = fractionalDate(l.began)
	claims["auth_time"] = l.authTime.Unix()
	if l.clientID != "" {
		claims["client_id"] = l.clientID
	}
}

// fractionalDate returns a NumericDate to the microsecond: two logins of one
// second are told apart by it.
func fractionalDate(t time.Time) json.Number {
	return json.Number(strconv.FormatFloat(float64(t.UnixMicro())/1e6, 'f', 6, 64))
}

// LogOut ends the token that [TokenOf] has found, and its family, if it has one.
// It returns nil only once all of that is stored; a [runtime.ErrUnavailable] may
// have ended a part of it.
func (i *PairIssuer) LogOut(ctx context.Context, t revocation.Token) error {
	if i == nil || i.verifier == nil {
		return errNoPairIssuer
	}
	if i.config.Revocation == nil && t.Family == "" {
		return errNoWayOut
	}
	ctx, cancel := uncancelled(ctx)
	defer cancel()
	var problems []error
	if i.config.Revocation != nil {
		problems = append(problems, i.config.Revocation.Revoke(ctx, t))
	}
	if t.Family != "" {
		problems = append(problems, i.config.Store.End(ctx, t.Issuer, t.Family), i.revokeFamily(ctx, t.Issuer, t.Family))
	}
	return unavailable("log out", problems...)
}

var errNoWayOut = errors.New("log out: the token has no family, and there is no Revocation to end it")

// LogOutUser ends everything that a user has logged in with until now. The id is
// that of LogIn, without the UserIDPrefix that a principal's has. Where there is a
// Revocation, a login in the rest of this very second is ended, too, since tokens
// tell the second in which they were issued. What another process has issued whose
// clock is ahead of this one's is not ended if that was within the difference, and
// where this one's is ahead, what others issue within the difference is ended, too. It
// returns nil only once all of that is stored; a [runtime.ErrUnavailable] may have
// ended a part of it.
func (i *PairIssuer) LogOutUser(ctx context.Context, userID string) error {
	if i == nil || i.verifier == nil {
		return errNoPairIssuer
	}
	ctx, cancel := uncancelled(ctx)
	defer cancel()
	issuer := i.config.Issuer.issuer
	problems := []error{i.config.Store.EndUser(ctx, issuer, userID, i.now())}
	if i.config.Revocation != nil {
		// Now, not when the families ended: a refresh that was faster has issued an
		// access token since.
		problems = append(problems, i.config.Revocation.RevokeUser(ctx, issuer, i.config.UserIDPrefix+userID, i.now()))
	}
	return unavailable("log out user", problems...)
}

// revokeFamily ends the access tokens of a family. The last of them was issued
// just now.
func (i *PairIssuer) revokeFamily(ctx context.Context, issuer, family string) error {
	if i.config.Revocation == nil {
		return nil
	}
	return i.config.Revocation.RevokeFamily(ctx, issuer, family, i.now().Add(i.config.Issuer.lifetime))
}

// uncancelled returns a context with a time of its own: what ends a login is
// done to its end, even if the client does not wait for it.
func uncancelled(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
}

// unavailable makes the errors of stores one that asks the client to try again.
func unavailable(operation string, problems ...error) error {
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("%s: %w: %w", operation, runtime.ErrUnavailable, err)
	}
	return nil
}
