// Package jwtauth authenticates requests by JSON Web Tokens (RFC 7519), and
// issues such tokens.
//
// A [Backend] judges tokens by rules of its own that are stricter than those of
// libraries: one pass over the token's bytes decides about shape, names and
// types, and refuses whatever two readers could understand in two ways. Only
// the signature is golang-jwt's work, and the standard library's.
//
// What a token needs in order to be accepted:
//
//   - at most 16 KiB of three parts in base64url, without padding and with
//     canonical last characters; header and claims each one JSON object in valid
//     UTF-8 without duplicate names, at most 32 levels deep and with at most 256
//     members;
//   - in the header: alg, one that is configured; no crit, b64, zip or cty; typ, if
//     it is there, JWT or at+jwt; kid, if it is there, a string. Keys that the
//     header names or holds are not looked at;
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
package jwtauth
