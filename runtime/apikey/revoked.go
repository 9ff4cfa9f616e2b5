package apikey

import "github.com/boltauthgen/boltauthgen/runtime/revocation"

// Issuer is the issuer of all API keys in a store of revocations. It keeps their ids
// apart from those of tokens: let no issuer of tokens have this name.
const Issuer = "urn:boltauthgen:apikey"

// TokenOf returns what [Config.Revocation] knows a key by, so that a handler can
// revoke it, with Revoke, or all keys that its owner has by now, with RevokeUser.
// Its ID is that of the key, its UserID the owner.
//
// A key is revoked whatever its text is by then: a rotation does not bring it
// back. What revokes all keys of an owner also revokes those of [Config.Keys], which do
// not say when they were made.
func TokenOf(r Record) revocation.Token {
	return revocation.Token{Issuer: Issuer, ID: r.ID, UserID: r.Owner, IssuedAt: r.Created, Expires: r.Expires}
}
