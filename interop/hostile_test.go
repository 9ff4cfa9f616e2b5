package interop

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A hostile token is one that an attacker, a careless issuer or somebody's
// mistake could bring about. Most have a good signature: that much has been had
// before, and what is wrong beside it must not get through.
type hostile struct {
	what  string
	why   string // it is refused; or, of odd tokens, accepted
	alg   string // that is expected of it; empty: HS256
	token string

	noAudience bool // judges expect none
	pyjwtMoved bool // Debian changed the answer without a new version number
}

// A chapter is a part of the table.
type chapter struct {
	title  string
	tokens []hostile
}

func hostileChapters() []chapter {
	return []chapter{
		{"The header", headerTokens()},
		{"Keys and algorithms", keyTokens()},
		{"Shape and encoding", shapeTokens()},
		{"Signatures", signatureTokens()},
		{"The claims as JSON", jsonTokens()},
		{"Times", timeTokens()},
		{"Audience and issuer", audienceTokens()},
		{"Subject and other names", subjectTokens()},
		{"Rights and purpose", purposeTokens()},
	}
}

const (
	plainHeader     = `{"alg":"HS256","typ":"JWT"}`
	plainClaimsText = `{"sub":"42","iss":"https://issuer.example","aud":"api","exp":1750003600,"iat":1750000000,"jti":"a-1"}`
)

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// seal appends the signature of the first two parts, whatever they are.
func seal(alg, parts string) string {
	return parts + "." + encode(string(algorithmByName(alg).sign(parts)))
}

// signed returns a token of exactly these texts, signed properly.
func signed(alg, header, claims string) string { return seal(alg, encode(header)+"."+encode(claims)) }

func withHeader(header string) string { return signed("HS256", header, plainClaimsText) }

func withClaims(claims string) string { return signed("HS256", plainHeader, claims) }

// with returns plainClaimsText with some claims set to other JSON texts, or
// without them where the text is empty.
func with(namesAndTexts ...string) string {
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(plainClaimsText), &members); err != nil {
		panic(err)
	}
	for i := 0; i < len(namesAndTexts); i += 2 {
		if members[namesAndTexts[i]] = json.RawMessage(namesAndTexts[i+1]); namesAndTexts[i+1] == "" {
			delete(members, namesAndTexts[i])
		}
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		all = append(all, fmt.Sprintf(`"%s":%s`, name, members[name]))
	}
	return "{" + strings.Join(all, ",") + "}"
}

// claimsWith returns the token whose claims are those of with.
func claimsWith(namesAndTexts ...string) string { return withClaims(with(namesAndTexts...)) }

// before returns plainClaimsText with other text before its first claim.
func before(text string) string { return withClaims("{" + text + "," + plainClaimsText[1:]) }

func long(n int) string { return `"` + strings.Repeat("x", n) + `"` }

func headerTokens() []hostile {
	const (
		notAllowed = "RFC 8725 section 3.1: only configured algorithms, byte by byte"
		critical   = "RFC 7515 section 4.1.11: extensions that are not understood"
		onceOnly   = "RFC 7515 section 4: names must be unique; two readers may see two values"
		keyID      = "RFC 7515 section 4.1.4: a string; kept to 255 bytes without control characters, as it ends in logs and look-ups"
		typed      = "RFC 8725 section 3.11: a token of another type"
		lookalike  = "a reader that ignores case, as encoding/json does, would take it for the real one"
	)
	unsigned := encode(`{"alg":"none","typ":"JWT"}`) + "." + encode(plainClaimsText) + "."
	return []hostile{
		{what: "`alg` none, no signature", why: notAllowed, token: unsigned},
		{what: "`alg` None, no signature", why: notAllowed, token: encode(`{"alg":"None"}`) + "." + encode(plainClaimsText) + "."},
		{what: "`alg` none, signed", why: notAllowed, token: withHeader(`{"alg":"none"}`)},
		{what: "no `alg`", why: "RFC 7515 section 4.1.1: required", token: withHeader(`{"typ":"JWT"}`)},
		{what: "`alg` empty", why: notAllowed, token: withHeader(`{"alg":""}`)},
		{what: "`alg` null", why: notAllowed, token: withHeader(`{"alg":null}`)},
		{what: "`alg` a number", why: notAllowed, token: withHeader(`{"alg":256}`)},
		{what: "`alg` a list", why: notAllowed, token: withHeader(`{"alg":["HS256"]}`)},
		{what: "`alg` an object", why: notAllowed, token: withHeader(`{"alg":{"toString":"HS256"}}`)},
		{what: "`alg` hs256", why: notAllowed, token: withHeader(`{"alg":"hs256"}`)},
		{what: "`alg` with a space behind", why: notAllowed, token: withHeader(`{"alg":"HS256 "}`)},
		{what: "`alg` with a NUL behind", why: notAllowed, token: withHeader(`{"alg":"HS256\u0000"}`)},
		{what: "`alg` twice, the same", why: onceOnly, token: withHeader(`{"alg":"HS256","alg":"HS256"}`)},
		{what: "`alg` twice, none first", why: onceOnly, token: withHeader(`{"alg":"none","alg":"HS256"}`)},
		{what: "`alg` twice, none last, by escape", why: onceOnly, token: withHeader(`{"alg":"HS256","\u0061lg":"none"}`)},
		{what: "`Alg` none beside `alg`", why: lookalike, token: withHeader(`{"alg":"HS256","Alg":"none"}`)},
		{what: "`ALG` only", why: lookalike, token: withHeader(`{"ALG":"HS256"}`)},
		{what: "`Crit` beside `alg`", why: lookalike, token: withHeader(`{"alg":"HS256","Crit":["exp"]}`)},
		{what: "`crit` of an extension that nobody knows", why: critical, token: withHeader(`{"alg":"HS256","crit":["urn:x"],"urn:x":1}`), pyjwtMoved: true},
		{what: "`crit` of exp", why: critical, token: withHeader(`{"alg":"HS256","crit":["exp"],"exp":1}`), pyjwtMoved: true},
		{what: "`crit` empty", why: "RFC 7515 section 4.1.11: never empty", token: withHeader(`{"alg":"HS256","crit":[]}`), pyjwtMoved: true},
		{what: "`crit` null", why: "RFC 7515 section 4.1.11: a list", token: withHeader(`{"alg":"HS256","crit":null}`), pyjwtMoved: true},
		{what: "`crit` a string", why: "RFC 7515 section 4.1.11: a list", token: withHeader(`{"alg":"HS256","crit":"exp"}`), pyjwtMoved: true},
		{what: "`b64` false and critical, the payload encoded nevertheless", why: "RFC 7797 section 7: not for JWTs", token: withHeader(`{"alg":"HS256","b64":false,"crit":["b64"]}`)},
		{what: "`b64` false, not critical", why: "RFC 7797 section 6: it must be critical, and is not for JWTs", token: withHeader(`{"alg":"HS256","b64":false}`)},
		{what: "`b64` true", why: "RFC 7797 section 7: not for JWTs", token: withHeader(`{"alg":"HS256","b64":true}`)},
		{what: "`zip` DEF", why: "RFC 7516 section 4.1.3: of encrypted tokens; decompressing is an attack by itself", token: withHeader(`{"alg":"HS256","zip":"DEF"}`)},
		{what: "`cty` JWT", why: "RFC 7519 section 5.2: the payload is another token", token: withHeader(`{"alg":"HS256","cty":"JWT"}`)},
		{what: "`kid` empty", why: keyID, token: withHeader(`{"alg":"HS256","kid":""}`)},
		{what: "`kid` null", why: keyID, token: withHeader(`{"alg":"HS256","kid":null}`), pyjwtMoved: true},
		{what: "`kid` a number", why: keyID, token: withHeader(`{"alg":"HS256","kid":1}`), pyjwtMoved: true},
		{what: "`kid` a list", why: keyID, token: withHeader(`{"alg":"HS256","kid":["a"]}`), pyjwtMoved: true},
		{what: "`kid` with a line end", why: keyID, token: withHeader(`{"alg":"HS256","kid":"a\nlevel=info"}`)},
		{what: "`kid` with a NUL", why: keyID, token: withHeader(`{"alg":"HS256","kid":"a\u0000.pem"}`)},
		{what: "`kid` of 10,000 bytes", why: keyID, token: withHeader(`{"alg":"HS256","kid":` + long(10_000) + `}`)},
		{what: "`typ` dpop+jwt", why: typed, token: withHeader(`{"alg":"HS256","typ":"dpop+jwt"}`)},
		{what: "`typ` secevent+jwt", why: typed, token: withHeader(`{"alg":"HS256","typ":"secevent+jwt"}`)},
		{what: "`typ` logout+jwt", why: typed, token: withHeader(`{"alg":"HS256","typ":"logout+jwt"}`)},
		{what: "`typ` refresh", why: typed, token: withHeader(`{"alg":"HS256","typ":"refresh"}`)},
		{what: "`typ` a number", why: "RFC 7515 section 4.1.9: a string", token: withHeader(`{"alg":"HS256","typ":1}`)},
		{what: "`typ` null", why: "RFC 7515 section 4.1.9: a string", token: withHeader(`{"alg":"HS256","typ":null}`)},
		{what: "header null", why: "RFC 7515 section 4: a JSON object", token: withHeader(`null`)},
		{what: "header a list", why: "RFC 7515 section 4: a JSON object", token: withHeader(`["alg","HS256"]`)},
		{what: "header of two objects", why: "RFC 7515 section 4: one JSON object", token: withHeader(`{"alg":"HS256"}{"alg":"none"}`)},
		{what: "header with a byte order mark", why: "RFC 8259 section 8.1", token: withHeader("\ufeff" + plainHeader)},
		{what: "header in UTF-16", why: "RFC 8259 section 8.1", token: withHeader("\xff\xfe" + utf16(plainHeader))},
		{what: "header with invalid UTF-8", why: "RFC 8259 section 8.1; readers replace it by different characters", token: withHeader("{\"alg\":\"HS256\",\"x\":\"\xff\"}")},
		{what: "header nested 200 deep", why: "nothing needs it, and recursion costs", token: withHeader(`{"alg":"HS256","x":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`)},
	}
}

// utf16 returns ASCII text in little-endian UTF-16.
func utf16(text string) string {
	var wide strings.Builder
	for _, c := range []byte(text) {
		wide.Write([]byte{c, 0})
	}
	return wide.String()
}

func shapeTokens() []hostile {
	const (
		alphabet  = "RFC 7515 section 2: base64url without padding, white space or other characters"
		canonical = "RFC 4648 section 3.5: spare bits are zero; else one token has several texts"
		compact   = "RFC 7515 section 7.1: three parts"
	)
	good := withClaims(plainClaimsText)
	parts := strings.Split(good, ".")
	header, claims, signature := parts[0], parts[1], parts[2]
	odd := encodedClaims(2)                  // with spare bits, or padding
	plus := encode(with("x", `"???>>>~~~"`)) // characters in which the alphabets differ
	return []hostile{
		{what: "two parts", why: compact, token: header + "." + claims},
		{what: "a dot at the end", why: compact, token: good + "."},
		{what: "a dot at the beginning", why: compact, token: "." + good},
		{what: "four parts", why: compact, token: good + "." + signature},
		{what: "five parts, as encrypted tokens have", why: compact, token: good + ".AAAA.AAAA"},
		{what: "no payload, signed", why: "RFC 7515 appendix F: a detached payload", token: seal("HS256", header+".")},
		{what: "no header, signed", why: compact, token: seal("HS256", "."+claims)},
		{what: "JSON serialization", why: "RFC 7519 section 3: JWTs are compact", token: `{"protected":"` + header + `","payload":"` + claims + `","signature":"` + signature + `"}`},
		{what: "signature padded", why: alphabet, token: good + "="},
		{what: "claims padded, signed", why: alphabet, token: seal("HS256", header+"."+odd+"==")},
		{what: "claims in the standard alphabet, signed", why: alphabet, token: seal("HS256", header+"."+strings.NewReplacer("-", "+", "_", "/").Replace(plus))},
		{what: "a line end in the claims, signed", why: alphabet, token: seal("HS256", header+"."+claims[:8]+"\n"+claims[8:])},
		{what: "a space in the claims, signed", why: alphabet, token: seal("HS256", header+"."+claims[:8]+" "+claims[8:])},
		{what: "exclamation marks in the claims, signed", why: alphabet, token: seal("HS256", header+"."+claims[:8]+"!!!!"+claims[8:])},
		{what: "exclamation marks in the signature", why: alphabet, token: header + "." + claims + "." + signature[:8] + "!!!!" + signature[8:]},
		{what: "a letter beyond ASCII in the signature", why: alphabet, token: header + "." + claims + "." + signature[:8] + "é" + signature[8:]},
		{what: "a line end behind", why: alphabet, token: good + "\n"},
		{what: "a space behind", why: alphabet, token: good + " "},
		{what: "spare bits set in the signature", why: canonical, token: good[:len(good)-1] + spare(good[len(good)-1:])},
		{what: "spare bits set in the claims, signed", why: canonical, token: seal("HS256", header+"."+odd[:len(odd)-1]+spare(odd[len(odd)-1:]))},
		{what: "one character too many in the signature", why: alphabet, token: good + "A"},
		{what: "one character too many in the claims, signed", why: alphabet, token: seal("HS256", header+"."+encodedClaims(0)+"A")},
		{what: "20,000 bytes of claims", why: "at most 16 KiB", token: claimsWith("x", long(20_000))},
	}
}

// encodedClaims returns good claims in base64url, of a length that leaves this
// rest when it is divided by four.
func encodedClaims(rest int) string {
	for n := 1; ; n++ {
		if text := encode(with("x", long(n))); len(text)%4 == rest {
			return text
		}
	}
}

// spare returns the character with the lowest of its bits, which no byte needs,
// the other way round.
func spare(character string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(alphabet[strings.Index(alphabet, character)^1])
}
