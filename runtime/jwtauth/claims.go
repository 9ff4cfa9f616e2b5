package jwtauth

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/boltauthgen/boltauthgen/internal/strictjson"
)

// claims are what is read of a token's claims (RFC 7519 section 4), with the
// types that they must have. Which values are accepted is for [Backend.judge]
// to say.
type claims struct {
	// What is judged again when a token is remembered comes first, to be close
	// together in memory.
	subject   string
	issuer    string
	id        string
	audience  strictjson.Value // empty if there is none
	expires   time.Time        // zero if there is none, as all times
	notBefore time.Time
	issuedAt  time.Time

	text        string // all claims, as JSON
	family      string
	scope       strictjson.Value // empty if there is none
	authTime    time.Time
	permissions []string
	staff       bool
	superuser   bool
	refreshes   bool // the token says that it is to be refreshed
}

// knownClaims are the names that mean something here.
var knownClaims = []string{
	"sub", "iss", "aud", "exp", "nbf", "iat", "jti", "fam", "auth_time", "is_staff", "is_superuser", "permissions", "scope",
	"typ", "token_type", "token_use", "cnf", "at_hash", "c_hash", "events",
}

// parse reads the text of the claims. c must be zero.
func (c *claims) parse(text string, names *claimNames) error {
	c.text = text
	var object strictjson.Object
	object.Open(text)
	for object.Next() {
		name := object.Name()
		if names.renamed {
			name = names.meaning(name)
		}
		if name == "permissions" { // by far the longest claim, so read at once
			c.permissions, _ = object.Strings()
			if slices.Contains(c.permissions, "") || object.Err() != nil {
				return errPermissions
			}
			continue
		}
		if err := c.set(name, object.Value(), names); err != nil && object.Err() == nil {
			return err
		}
	}
	if object.Err() != nil {
		return errClaims
	}
	return nil
}

func (c *claims) set(name string, value strictjson.Value, names *claimNames) error {
	ok := true
	switch name {
	case "":
		return nil // it has no meaning under these names
	case "sub":
		return c.setSubject(value, names)
	case "iss":
		if c.issuer, ok = value.String(); !ok || c.issuer == "" {
			return errIssuer
		}
	case "aud":
		if c.audience = value; !isStrings(value) {
			return errAudience
		}
	case "exp":
		return setDate(&c.expires, value, errExpiry)
	case "nbf":
		return setDate(&c.notBefore, value, errNotBefore)
	case "iat":
		return setDate(&c.issuedAt, value, errIssuedAt)
	case "auth_time":
		return setDate(&c.authTime, value, errAuthTime)
	case "jti":
		if c.id, ok = identifier(value); !ok {
			return errTokenID
		}
	case "fam":
		if c.family, ok = identifier(value); !ok {
			return errFamily
		}
	case "is_staff":
		return setFlag(&c.staff, value)
	case "is_superuser":
		return setFlag(&c.superuser, value)
	case "scope":
		if c.scope = value; !isScope(value) {
			return errScope
		}
	default:
		return c.setPurpose(name, value, names)
	}
	return nil
}

// setPurpose refuses tokens that other claims show to be made for something
// else than what is asked for: access, unless it is to be refreshed.
func (c *claims) setPurpose(name string, value strictjson.Value, names *claimNames) error {
	switch name {
	case "typ", "token_type", "token_use":
		// dj-bolt and Keycloak, simplejwt, Amazon Cognito.
		switch purpose, _ := value.String(); strings.ToLower(purpose) {
		case "access", "access_token", "bearer", "jwt", "at+jwt":
			if !names.refresh {
				return nil
			}
		case refreshPurpose:
			if c.refreshes = names.refresh; c.refreshes {
				return nil
			}
		}
		return errPurpose
	case "type":
		// A common word, but flask-jwt-extended marks refresh tokens by it.
		switch purpose, _ := value.String(); strings.ToLower(purpose) {
		case refreshPurpose, "refresh_token":
			return errPurpose
		}
	case "at_hash", "c_hash", "events":
		// Only ID tokens name the access token or code that they came with (OpenID
		// Connect Core section 3.3.2.11); events are of security event and logout
		// tokens (RFC 8417 section 2.2).
		return errPurpose
	case "cnf":
		// Whoever bears the token must prove more (RFC 7800), which is not asked
		// for here.
		return errBound
	default:
		if lookalike(name, knownClaims) || names.renamed && names.isLookalike(name) {
			return errLookalike
		}
	}
	return nil
}

// refreshPurpose is the claim typ of refresh tokens.
const refreshPurpose = "refresh"

// setSubject accepts a user id of 1 to 255 bytes of printable characters that
// a careless reader does not take for another one or for none.
func (c *claims) setSubject(value strictjson.Value, names *claimNames) error {
	subject, ok := value.String()
	if number, isNumber := value.Number(); isNumber && names.userID != "sub" {
		subject, ok = number, isDigits(number) // as simplejwt writes user_id
	}
	switch {
	case !ok || subject == "" || len(subject) > maxName:
		return errSubject
	case subject == "0": // no id in any database, and false in many languages
		return errSubject
	case subject[0] == ' ' || subject[len(subject)-1] == ' ':
		return errSubject
	}
	for _, r := range subject {
		// U+FFFD is what all that cannot be decoded becomes.
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return errSubject
		}
	}
	if isReserved(subject) {
		return errReserved
	}
	c.subject = subject
	return nil
}

// isDigits reports whether a number is a whole one of at most 19 digits that
// begins with none of 0 and the sign.
func isDigits(number string) bool {
	return len(number) <= 19 && number[0] != '0' && strings.Trim(number, "0123456789") == ""
}

// keyPrefix begins the user ids of API keys.
const keyPrefix = "apikey:"

// isReserved reports whether an id would be that of an API key, whatever the
// case of its letters.
func isReserved(id string) bool {
	return len(id) >= len(keyPrefix) && strings.EqualFold(id[:len(keyPrefix)], keyPrefix)
}

func setFlag(flag *bool, value strictjson.Value) error {
	var ok bool
	if *flag, ok = value.Bool(); !ok {
		return errFlag
	}
	return nil
}

// isStrings reports whether the value is a string that is not empty, or a list
// of at least one of them (RFC 7519 section 4.1.3).
func isStrings(value strictjson.Value) bool {
	if text, ok := value.String(); ok {
		return text != ""
	}
	some := false
	for element := range value.Elements {
		if text, ok := element.String(); !ok || text == "" {
			return false
		}
		some = true
	}
	return some
}

// isScope reports whether the value is a string, or a list of strings.
func isScope(value strictjson.Value) bool {
	if _, ok := value.String(); ok {
		return true
	}
	for element := range value.Elements {
		if _, ok := element.String(); !ok {
			return false
		}
	}
	return value.IsArray()
}

// maxDate is the last second of the year 9999. What is beyond was meant to be
// milliseconds.
const maxDate = 253402300799

func setDate(date *time.Time, value strictjson.Value, refusal error) error {
	var ok bool
	if *date, ok = numericDate(value); !ok {
		return refusal
	}
	return nil
}

// numericDate reads seconds since 1970, which may have a fraction (RFC 7519
// section 2).
func numericDate(value strictjson.Value) (time.Time, bool) {
	text, ok := value.Number()
	if !ok || text[0] == '-' {
		return time.Time{}, false
	}
	if seconds, err := strconv.ParseUint(text, 10, 64); err == nil { // nearly always
		return time.Unix(int64(seconds), 0), seconds <= maxDate
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || seconds > maxDate {
		return time.Time{}, false
	}
	whole, fraction := math.Modf(seconds)
	return time.Unix(int64(whole), int64(fraction*1e9)), true
}
