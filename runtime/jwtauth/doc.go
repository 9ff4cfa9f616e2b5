// Package jwtauth authenticates requests by JSON Web Tokens (RFC 7519), and
// issues such tokens.
//
// A [Backend] judges tokens by rules of its own that are stricter than those of
// libraries: one pass over the token's bytes decides about shape, names and
// types, and refuses whatever two readers could understand in two ways. Only
// the signature is golang-jwt's work, and the standard library's.
//
// # Keys
//
// A [Config] has one Secret, or [KeySet] Keys: [ParsePEM], [ParseJWKS],
// [NewKeySet], [JWKSURL] for an identity provider's, which are kept up to date, or
// the [KeyRing] of an [Issuer] of one's own, whose keys rotate. A key with an id is
// used only for tokens that name it, with the one algorithm that fits. Several
// issuers can be trusted at once, each with its own keys and rules: see Others in
// Config.
//
// # Tokens of one's own
//
// [Issuer.Token] makes an access token for a user. A [PairIssuer] adds refresh
// tokens that serve once, and ends a login when one is used twice. [NewCookie]
// puts an access token into a cookie that scripts and other sites cannot use.
//
// # What a token needs
//
// In order to be accepted:
//
//   - at most 16 KiB of three parts in base64url, without padding and with
//     canonical last characters; header and claims each one JSON object in valid
//     UTF-8 without duplicate names, at most 32 levels deep and with at most 256
//     members;
//   - in the header: alg, one that is configured; no crit, b64, zip or cty; typ, if
//     it is there, JWT or at+jwt; kid, if it is there, a string, and the ID of a
//     key if the keys have IDs. Keys that the header holds or has an address of
//     (jwk, x5c, jku, x5u) are not looked at;
//   - sub: 1 to 255 bytes of printable characters, not "0", not beginning with
//     "apikey:", no space at its ends;
//   - exp, not yet reached; nbf, if it is there, not in the future; iat, if it is
//     there, before exp and at most 60 s in the future. All are numbers of seconds
//     from 1970 to 9999, and may have a fraction;
//   - aud, if and only if an audience is configured: a string or a list of strings,
//     one of which is the audience; iss equal to the configured issuer;
//   - jti, if it is there: 1 to 255 visible ASCII characters other than the
//     asterisk; it must be there if tokens can be revoked;
//   - is_staff and is_superuser, if they are there: true or false. permissions: a
//     list of strings. scope: a string or a list of strings;
//   - nothing that shows another purpose: the claims typ, token_type and token_use
//     of refresh and ID tokens, at_hash, c_hash, events; nor cnf, which binds a
//     token to a proof that is not asked for;
//   - no name that differs from one of these only in the case of letters.
//
// sub, is_staff, is_superuser, permissions and scope may have other names:
// [ClaimNames].
//
// A token that was accepted is remembered, so that its signature is not verified
// again. Everything else is judged anew on every request, and that its key is
// still trusted.
package jwtauth
