// Package interop holds tests of runtime/jwtauth against libraries that other
// people wrote: PyJWT, jose and jsonwebtoken mint tokens that are judged here
// and judge tokens that were minted here, and are shown what an attacker would
// send. go-jose and jwkset read the same JWK sets as jwtauth.
//
// What the libraries do with hostile tokens and key sets stands in STRICTER.md
// and JWKS.md. `go test . -update` writes these files anew.
//
// The libraries are installed by ./install.
package interop
