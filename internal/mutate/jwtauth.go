package main

const (
	tokenBackend = "runtime/jwtauth/backend.go"
	tokenCache   = "runtime/jwtauth/cache.go"
	tokenKeys    = "runtime/jwtauth/key.go"
	tokenPairs   = "runtime/jwtauth/refresh.go"
	tokenTrust   = "runtime/jwtauth/trust.go"
	remoteKeys   = "runtime/jwtauth/jwksurl.go"
	jwks         = "runtime/jwtauth/jwks.go"
)

// jwtauthMutants break what judges tokens, keys and refresh tokens.
var jwtauthMutants = []mutant{
	{"a remembered token is not judged again", tokenBackend, `} else if now, err = b.judgeNow(v); err != nil {`, `} else if false {`},
	{"a remembered token outlives its key", tokenBackend, `return err == nil && k == v.keys`, `return err == nil && k != nil`},
	{"revocations are not asked about", tokenBackend, "if b.revocations != nil {", "if false {"},
	{"any issuer is the first one", tokenBackend, `trust = b.trusted(issuerOf(payload)); trust == nil`, `_ = b.trusted(issuerOf(payload)); trust == nil`},
	{"an id of another issuer is accepted", tokenBackend, `case t.isForeign(c.subject):`, `case false:`},
	{"any algorithm will do", tokenBackend, `if !slices.Contains(t.algorithms, h.alg) {`, `if false {`},
	{"an unknown kid asks for no newer keys", tokenBackend, `if !k.knows(h.alg, h.kid) {`, `if false {`},
	{"a remembered token is found by its hash", tokenCache, ` || entry.text != text`, ``},
	{"where a token came from does not count", tokenCache, `entry.text != text || entry.ambient != ambient`, `entry.text != text`},
	{"a token that comes again makes room", tokenCache, `case place < 0 && (!old.again.Load() || !old.verified.current()):`, `case place < 0:`},
	{"keys with an ID are tried in turn", tokenKeys, `case k.tried:`, `case k.tried || len(fitting) > 1:`},
	{"kid is looked up without the algorithm", tokenKeys, `return k.named[keyName{kid, alg}]`, `return fitting`},
	{"different keys share a kid", tokenKeys, `return errSameID`, `continue`},
	{"issuers share the ids of users", tokenTrust, `if t.prefix == other.prefix {`, `if false {`},
	{"unknown kids have the set fetched every time", remoteKeys, `time.Since(r.last) < r.interval || `, ``},
	{"a redirect leads anywhere", remoteKeys, `return errRedirect`, `return nil`},
	{"an empty set replaces the keys", jwks, `return nil, refused, errJWKSEmpty`, `return k, refused, nil`},
	{"symmetric keys are published", jwks, `case j.kty == "oct":`, `case false:`},
	{"keys for encryption verify", jwks, `if j.use != "" && j.use != "sig" {`, `if false {`},
	{"a refresh token of another client serves", tokenPairs, `if l.clientID != clientID {`, `if false {`},
	{"reuse is not told", tokenPairs, `i.config.OnReuse(ctx, Reuse{`, `_ = (Reuse{`},
	{"a login before the password changed goes on", tokenPairs, `!l.began.After(account.ValidAfter)`, `false`},
	{"the new tokens are younger than what ends them", tokenPairs, "now := i.now()\n\tv, err := i.verifier.verify(ctx, text, false)", "v, err := i.verifier.verify(ctx, text, false)\n\tnow := i.now().Add(5e9)"},
}
