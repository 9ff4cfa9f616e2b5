package interop

import (
	"crypto/elliptic"
	"fmt"
	"math/big"
	"strings"
)

func jsonTokens() []hostile {
	const (
		object    = "RFC 7519 section 7.2: one JSON object"
		onceOnly  = "RFC 7519 section 4: names must be unique; two readers may see two values"
		lookalike = "a reader that ignores case, as encoding/json does, would take it for the real one"
		grammar   = "RFC 8259: not JSON"
		costs     = "nothing needs it, and reading it costs"
	)
	return []hostile{
		{what: "null", why: object, token: withClaims(`null`)},
		{what: "a list", why: object, token: withClaims(`[` + plainClaimsText + `]`)},
		{what: "a string of JSON", why: object, token: withClaims(fmt.Sprintf("%q", plainClaimsText))},
		{what: "two objects", why: object, token: withClaims(plainClaimsText + plainClaimsText)},
		{what: "garbage behind", why: object, token: withClaims(plainClaimsText + "x")},
		{what: "a NUL behind", why: object, token: withClaims(plainClaimsText + "\x00")},
		{what: "a byte order mark before", why: "RFC 8259 section 8.1", token: withClaims("\ufeff" + plainClaimsText)},
		{what: "UTF-16", why: "RFC 8259 section 8.1", token: withClaims("\xff\xfe" + utf16(plainClaimsText))},
		{what: "invalid UTF-8 in sub", why: "RFC 8259 section 8.1; several users would become one", token: claimsWith("sub", "\"a\xff\"")},
		{what: "a lone surrogate in sub", why: "RFC 8259 section 8.2; several users would become one", token: claimsWith("sub", `"a\ud800"`)},
		{what: "a comment", why: grammar, token: withClaims(`/**/` + plainClaimsText)},
		{what: "a comma behind the last claim", why: grammar, token: withClaims(strings.TrimSuffix(plainClaimsText, "}") + ",}")},
		{what: "a control character in a string", why: grammar, token: claimsWith("x", "\"a\x01\"")},
		{what: "NaN", why: grammar, token: claimsWith("x", "NaN")},
		{what: "Infinity", why: grammar, token: claimsWith("exp", "Infinity")},
		{what: "a number in hexadecimal", why: grammar, token: claimsWith("exp", "0x7fffffff")},
		{what: "a number with a zero before it", why: grammar, token: claimsWith("exp", "01750003600")},
		{what: "1e400", why: "RFC 8259 section 6: beyond what readers agree on", token: claimsWith("x", "1e400")},
		{what: "sub twice", why: onceOnly, token: before(`"sub":"1"`)},
		{what: "sub twice, by escape", why: onceOnly, token: before(`"\u0073ub":"1"`)},
		{what: "exp twice", why: onceOnly, token: before(`"exp":1`)},
		{what: "aud twice", why: onceOnly, token: before(`"aud":"other"`)},
		{what: "an unknown claim twice, deep inside", why: onceOnly, token: claimsWith("x", `[{"a":1,"a":2}]`)},
		{what: "`SUB` beside sub", why: lookalike, token: claimsWith("SUB", `"1"`)},
		{what: "`EXP` beside exp", why: lookalike, token: claimsWith("EXP", `9999999999`)},
		{what: "`EXP` instead of exp", why: lookalike, token: claimsWith("EXP", `1750003600`, "exp", "")},
		{what: "`Is_Superuser`", why: lookalike, token: claimsWith("Is_Superuser", `true`)},
		{what: "ſub, with a long s", why: lookalike, token: claimsWith("ſub", `"1"`)},
		{what: "to\u212aen_type, with a Kelvin sign", why: lookalike, token: claimsWith("to\u212aen_type", `"access"`)},
		{what: "nested 1,500 deep", why: costs, token: claimsWith("x", strings.Repeat("[", 1500)+strings.Repeat("]", 1500))},
		{what: "nested 40 deep", why: costs, token: claimsWith("x", strings.Repeat("[", 40)+strings.Repeat("]", 40))},
		{what: "1,000 claims", why: costs, token: before(manyClaims(1000))},
	}
}

func manyClaims(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`"c%d":1`, i))
	}
	return strings.Join(all, ",")
}

func timeTokens() []hostile {
	const (
		number = "RFC 7519 section 2: a number"
		age    = "RFC 7519 section 4.1.6 leaves it open; a clock that far off, or a forged date"
	)
	return []hostile{
		{what: "no exp", why: "valid for ever", token: claimsWith("exp", "")},
		{what: "exp null", why: number, token: claimsWith("exp", "null")},
		{what: "exp 0", why: "RFC 7519 section 4.1.4", token: claimsWith("exp", "0", "iat", "")},
		{what: "exp now", why: "RFC 7519 section 4.1.4: on or after", token: claimsWith("exp", "1750000000", "iat", "")},
		{what: "exp a fraction of a second ago", why: "RFC 7519 section 4.1.4", token: claimsWith("exp", "1749999999.9", "iat", "")},
		{what: "exp -1", why: "no time after 1970", token: claimsWith("exp", "-1", "iat", "")},
		{what: "exp a string", why: number, token: claimsWith("exp", `"9999999999"`)},
		{what: "exp a list", why: number, token: claimsWith("exp", `[1750003600]`)},
		{what: "exp an object", why: number, token: claimsWith("exp", `{"$date":1750003600}`)},
		{what: "exp true", why: number, token: claimsWith("exp", "true", "iat", "")},
		{what: "exp in milliseconds", why: "after the year 9999: valid for ever", token: claimsWith("exp", "1750003600000")},
		{what: "exp 1e300", why: "after the year 9999: overflows elsewhere", token: claimsWith("exp", "1e300")},
		{what: "exp beyond 64 bits", why: "after the year 9999: overflows elsewhere", token: claimsWith("exp", "18446744073709551617")},
		{what: "nbf in a second", why: "RFC 7519 section 4.1.5", token: claimsWith("nbf", "1750000001")},
		{what: "nbf half a second ahead", why: "RFC 7519 section 4.1.5", token: claimsWith("nbf", "1750000000.5")},
		{what: "nbf a string", why: number, token: claimsWith("nbf", `"1"`)},
		{what: "nbf null", why: number, token: claimsWith("nbf", `null`)},
		{what: "nbf 1e300", why: "overflows elsewhere, and is then in the past", token: claimsWith("nbf", "1e300")},
		{what: "iat in an hour, exp later", why: age, token: claimsWith("iat", "1750003600", "exp", "1750007200")},
		{what: "iat after exp", why: age, token: claimsWith("iat", "1750000020", "exp", "1750000010")},
		{what: "iat a string", why: number, token: claimsWith("iat", `"1750000000"`)},
		{what: "iat null", why: number, token: claimsWith("iat", `null`)},
		{what: "auth_time a string", why: "OpenID Connect Core section 2: a number", token: claimsWith("auth_time", `"1"`)},
	}
}

func audienceTokens() []hostile {
	const (
		forOthers = "RFC 7519 section 4.1.3: meant for somebody else"
		strs      = "RFC 7519 section 4.1.3: a string or a list of strings"
		issuer    = "RFC 7519 section 4.1.1: another issuer's; compared byte by byte"
	)
	return []hostile{
		{what: "aud where none is configured", why: forOthers, token: withClaims(plainClaimsText), noAudience: true},
		{what: "aud an empty list where none is configured", why: strs, token: claimsWith("aud", `[]`), noAudience: true},
		{what: "aud null where none is configured", why: strs, token: claimsWith("aud", `null`), noAudience: true},
		{what: "no aud", why: forOthers, token: claimsWith("aud", "")},
		{what: "aud empty", why: strs, token: claimsWith("aud", `""`)},
		{what: "aud an empty list", why: strs, token: claimsWith("aud", `[]`)},
		{what: "aud null", why: strs, token: claimsWith("aud", `null`)},
		{what: "aud in capitals", why: forOthers, token: claimsWith("aud", `"API"`)},
		{what: "aud with a space behind", why: forOthers, token: claimsWith("aud", `"api "`)},
		{what: "aud a word that begins with it", why: forOthers, token: claimsWith("aud", `"apis"`)},
		{what: "aud a list with a number", why: strs, token: claimsWith("aud", `[1,"api"]`)},
		{what: "aud a list with null", why: strs, token: claimsWith("aud", `["api",null]`)},
		{what: "aud a list with an empty one", why: strs, token: claimsWith("aud", `["api",""]`)},
		{what: "aud a list in a list", why: strs, token: claimsWith("aud", `[["api"]]`)},
		{what: "aud an object", why: strs, token: claimsWith("aud", `{"api":1}`)},
		{what: "no iss", why: issuer, token: claimsWith("iss", "")},
		{what: "iss with a slash behind", why: issuer, token: claimsWith("iss", `"https://issuer.example/"`)},
		{what: "iss in capitals", why: issuer, token: claimsWith("iss", `"https://ISSUER.example"`)},
		{what: "iss that goes on", why: issuer, token: claimsWith("iss", `"https://issuer.example.evil"`)},
		{what: "iss with a dotless i", why: issuer, token: claimsWith("iss", `"https://ıssuer.example"`)},
		{what: "iss a list", why: "RFC 7519 section 4.1.1: a string", token: claimsWith("iss", `["https://issuer.example"]`)},
	}
}

func subjectTokens() []hostile {
	const (
		user       = "RFC 7519 section 4.1.2: a string that names a user"
		characters = "looks like another user, or ends in a log or look-up"
		identifier = "RFC 7519 section 4.1.7: a string; kept to visible ASCII, as it ends in stores"
	)
	return []hostile{
		{what: "no sub", why: user, token: claimsWith("sub", "")},
		{what: "sub null", why: user, token: claimsWith("sub", `null`)},
		{what: "sub empty", why: user, token: claimsWith("sub", `""`)},
		{what: "sub a number", why: user, token: claimsWith("sub", `42`)},
		{what: "sub a list", why: user, token: claimsWith("sub", `["42"]`)},
		{what: "sub an object", why: user, token: claimsWith("sub", `{"$ne":""}`)},
		{what: "sub true", why: user, token: claimsWith("sub", `true`)},
		{what: "sub 0 as a string", why: "false in many languages, and no id in any database", token: claimsWith("sub", `"0"`)},
		{what: "sub with a space before", why: characters, token: claimsWith("sub", `" 1"`)},
		{what: "sub with a line end", why: characters, token: claimsWith("sub", `"42\n"`)},
		{what: "sub with a NUL", why: characters, token: claimsWith("sub", `"42\u0000"`)},
		{what: "sub with a zero-width space", why: characters, token: claimsWith("sub", `"42\u200b"`)},
		{what: "sub with a direction override", why: characters, token: claimsWith("sub", `"a\u202eb"`)},
		{what: "sub with U+FFFD", why: "what all that cannot be decoded becomes", token: claimsWith("sub", `"a\ufffd"`)},
		{what: "sub of 256 bytes", why: "OpenID Connect Core section 2: 255", token: claimsWith("sub", long(256))},
		{what: "sub apikey:ci", why: "the user ids of API keys begin so", token: claimsWith("sub", `"apikey:ci"`)},
		{what: "jti a number", why: identifier, token: claimsWith("jti", `1`)},
		{what: "jti a list", why: identifier, token: claimsWith("jti", `["a"]`)},
		{what: "jti null", why: identifier, token: claimsWith("jti", `null`)},
		{what: "jti empty", why: identifier, token: claimsWith("jti", `""`)},
		{what: "jti with an asterisk", why: identifier, token: claimsWith("jti", `"a*"`)},
		{what: "jti with a line end", why: identifier, token: claimsWith("jti", `"a\r\nDEL x"`)},
		{what: "jti of 10,000 bytes", why: identifier, token: claimsWith("jti", long(10_000))},
	}
}

func purposeTokens() []hostile {
	const (
		purpose = "RFC 8725 section 3.12: made for something else than access"
		flag    = "true or false; a string is true in many languages"
		list    = "a list of names"
		bound   = "RFC 7800: whoever shows it must prove more"
	)
	return []hostile{
		{what: "typ refresh", why: purpose, token: claimsWith("typ", `"refresh"`)},
		{what: "typ ID, as Keycloak marks ID tokens", why: purpose, token: claimsWith("typ", `"ID"`)},
		{what: "token_type refresh", why: purpose, token: claimsWith("token_type", `"refresh"`)},
		{what: "token_use id", why: purpose, token: claimsWith("token_use", `"id"`)},
		{what: "type refresh", why: purpose, token: claimsWith("type", `"refresh"`)},
		{what: "at_hash, of ID tokens", why: purpose, token: claimsWith("at_hash", `"x"`)},
		{what: "c_hash, of ID tokens", why: purpose, token: claimsWith("c_hash", `"x"`)},
		{what: "events, of logout tokens", why: purpose, token: claimsWith("events", `{"http://schemas.openid.net/event/backchannel-logout":{}}`)},
		{what: "cnf with the thumbprint of a DPoP key", why: bound, token: claimsWith("cnf", `{"jkt":"x"}`)},
		{what: "cnf with the thumbprint of a certificate", why: bound, token: claimsWith("cnf", `{"x5t#S256":"x"}`)},
		{what: "is_staff a string", why: flag, token: claimsWith("is_staff", `"false"`)},
		{what: "is_staff 1", why: flag, token: claimsWith("is_staff", `1`)},
		{what: "is_superuser a list", why: flag, token: claimsWith("is_superuser", `[false]`)},
		{what: "is_superuser null", why: flag, token: claimsWith("is_superuser", `null`)},
		{what: "permissions a string", why: list, token: claimsWith("permissions", `"blog.view blog.add"`)},
		{what: "permissions an object", why: list, token: claimsWith("permissions", `{"blog.view":false}`)},
		{what: "permissions with a number", why: list, token: claimsWith("permissions", `[1]`)},
		{what: "permissions with an empty one", why: list, token: claimsWith("permissions", `["a",""]`)},
		{what: "scope null", why: "RFC 8693 section 4.2: a string", token: claimsWith("scope", `null`)},
		{what: "scope an object", why: "RFC 8693 section 4.2: a string", token: claimsWith("scope", `{"admin":false}`)},
	}
}

// oddTokens are unusual, but hold.
func oddTokens() []hostile {
	return []hostile{
		{what: "EdDSA", alg: "EdDSA", why: "RFC 8037", token: signed("EdDSA", `{"alg":"EdDSA"}`, plainClaimsText)},
		{what: "ES256: r and n - s", alg: "ES256", why: "ECDSA has two signatures for each; nothing here goes by a token's text", token: twin()},
		{what: "exp a fraction of a second ahead", why: "RFC 7519 section 2: a date may have a fraction", token: claimsWith("exp", "1750000000.9", "iat", "")},
		{what: "exp with an exponent", why: "RFC 7519 section 2: a JSON number", token: claimsWith("exp", "1.7500036e9")},
		{what: "exp at the end of the year 9999", why: "a time", token: claimsWith("exp", "253402300799")},
		{what: "nbf now", why: "RFC 7519 section 4.1.5: on or after", token: claimsWith("nbf", "1750000000")},
		{what: "iat 30 s ahead", why: "clocks differ; RFC 7519 section 4.1.6 has no rule", token: claimsWith("iat", "1750000030")},
		{what: "no iat and no jti", why: "RFC 7519 section 4.1: optional", token: claimsWith("iat", "", "jti", "")},
		{what: "no typ", why: "RFC 7519 section 5.1: optional", token: withHeader(`{"alg":"HS256"}`)},
		{what: "`typ` APPLICATION/AT+JWT", why: "RFC 9068 section 4, RFC 7515 section 4.1.9: media types have no case", token: withHeader(`{"alg":"HS256","typ":"APPLICATION/AT+JWT"}`)},
		{what: "`kid` of a key that is not there", why: "a secret has no kid, so kid says nothing", token: withHeader(`{"alg":"HS256","kid":"' OR 1=1 --"}`)},
		{what: "`jku`, `x5u`, `jwk`, `x5c` of whatever type", why: "not read, so they do no harm", token: withHeader(`{"alg":"HS256","jku":1,"x5u":[],"jwk":{"kty":"oct"},"x5c":null}`)},
		{what: "header fields that nobody knows", why: "RFC 7515 section 4: ignored unless critical", token: withHeader(`{"alg":"HS256","nonce":1,"é":[{}],"__proto__":{"x":1}}`)},
		{what: "white space around the claims", why: "RFC 8259 section 2", token: withClaims("\n " + plainClaimsText + " \r\n")},
		{what: "white space around the header", why: "RFC 8259 section 2", token: withHeader(" \t" + plainHeader + "\n")},
		{what: "aud by escapes", why: "RFC 8259 section 8.3: the same string", token: claimsWith("aud", `"\u0061pi"`)},
		{what: "aud twice in its list", why: "RFC 7519 section 4.1.3 does not forbid it", token: claimsWith("aud", `["api","api"]`)},
		{what: "permissions empty", why: "a list of none", token: claimsWith("permissions", `[]`)},
		{what: "a claim called __proto__", why: "a name like any other", token: claimsWith("__proto__", `{"is_superuser":true}`)},
		{what: "a claim called constructor", why: "a name like any other", token: claimsWith("constructor", `{"prototype":{}}`)},
		{what: "a claim of the empty name", why: "RFC 7519 section 4.3: a private name", token: claimsWith("", `1`)},
		{what: "an integer beyond 2^53", why: "kept digit by digit", token: claimsWith("x", `9007199254740993`)},
		{what: "12,000 bytes of token", why: "under 16 KiB", token: claimsWith("x", long(8_000))},
	}
}

// twin returns a good ES256 token with the other signature of the two that hold.
func twin() string {
	text, signature := goodParts("ES256")
	s := new(big.Int).Sub(elliptic.P256().Params().N, new(big.Int).SetBytes(signature[32:]))
	return text + "." + encode(string(signature[:32])+string(s.FillBytes(make([]byte, 32))))
}
