package jwtauth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A wycheproofFile is a file of test vectors of the project Wycheproof
// (github.com/C2SP/wycheproof).
type wycheproofFile struct {
	NumberOfTests int
	TestGroups    []struct {
		Comment         string
		Public, Private json.RawMessage
		Tests           []wycheproofVector
	}
}

type wycheproofVector struct {
	ID       int `json:"tcId"`
	Comment  string
	Result   string
	JWS, JWE json.RawMessage
}

// wycheproofDeviations are the vectors where the result is another than theirs,
// and why.
var wycheproofDeviations = map[string]string{
	"json_web_signature_test.json 259": "stricter: a token without claims is none, so an empty payload is refused",
	"json_web_signature_test.json 264": "stricter: a token without claims is none, so an empty payload is refused",
	"json_web_signature_test.json 268": "stricter: a token without claims is none, so an empty payload is refused",
	"json_web_signature_test.json 272": "stricter: a token without claims is none, so an empty payload is refused",
	"json_web_signature_test.json 320": "stricter: a token without claims is none, so an empty payload is refused",
	"json_web_signature_test.json 325": "stricter: a token without claims is none, so an empty payload is refused",
	"json_web_signature_test.json 346": "the vector contradicts RFC 7517 section 4.4: the key is for PS256, the token has PS384",
	"json_web_signature_test.json 350": "the vector contradicts RFC 7517 section 4.4: the key is for PS256, the token has PS384",
	"json_web_signature_test.json 347": "the vector contradicts RFC 7518 section 3.1: the key is for ES521, and there is only ES512",
	"json_web_signature_test.json 351": "the vector contradicts RFC 7518 section 3.1: the key is for ES521, and there is only ES512",
	"json_web_signature_test.json 372": "the vector contradicts RFC 7515 section 2: a question mark is not in the alphabet of base64url",
	"json_web_signature_test.json 373": "the vector contradicts RFC 7515 section 2: a question mark is not in the alphabet of base64url",
	"json_web_signature_test.json 367": "the vector contradicts itself: its token is that of 357, byte by byte, which is valid",
	"json_web_signature_test.json 370": "the vector contradicts itself: its token is that of 357, byte by byte, which is valid",
	"json_web_key_test.json 11":        "laxer: 32 bytes of secret are enough for HS384, too, since SECRET_KEYs in use have no more than 50",
	"json_web_key_test.json 12":        "laxer: 32 bytes of secret are enough for HS512, too, since SECRET_KEYs in use have no more than 50",
}

// wycheproofFolder returns where the vectors are.
func wycheproofFolder(t *testing.T) string {
	t.Helper()
	if folder := os.Getenv("WYCHEPROOF"); folder != "" {
		return folder // and a test fails if they are not there
	}
	folder := filepath.Join("..", "..", "..", "shared", "wycheproof")
	if _, err := os.Stat(folder); err != nil {
		t.Skip("no vectors of the project Wycheproof here: set WYCHEPROOF to the folder of its json_web_*_test.json")
	}
	return folder
}

func TestWycheproof(t *testing.T) {
	folder := wycheproofFolder(t)
	deviations := make(map[string]bool)
	for _, name := range []string{"json_web_signature_test.json", "json_web_key_test.json", "json_web_crypto_test.json"} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(folder, name))
			require.NoError(t, err)
			var file wycheproofFile
			require.NoError(t, json.Unmarshal(text, &file))
			counts := make(map[string]int)
			for _, group := range file.TestGroups {
				text := group.Public
				if text == nil {
					text = group.Private
				}
				set, algorithms, keyError := wycheproofKeys(t, text)
				for _, vector := range group.Tests {
					counts["all"]++
					token, encrypted := vector.token(t)
					err := keyError
					if err == nil {
						err = wycheproofVerify(set, algorithms, token)
					}
					if encrypted {
						counts["encrypted"]++ // which nothing here decrypts
						assert.ErrorIs(t, wycheproofVerify(fixedKeys{newKeys()}, []string{"HS256"}, token), errShape)
						continue
					}
					counts[vector.Result]++
					if (vector.Result == "valid") == (err == nil) {
						continue
					}
					id := fmt.Sprint(name, " ", vector.ID)
					deviations[id] = true
					assert.NotEmpty(t, wycheproofDeviations[id], "%s (%s, %s): %s, but got %v", id, group.Comment, vector.Comment, vector.Result, err)
				}
			}
			assert.Equal(t, file.NumberOfTests, counts["all"])
			t.Logf("%s: %d vectors: %d valid, %d invalid, %d of JWE, which is not supported",
				name, counts["all"], counts["valid"], counts["invalid"], counts["encrypted"])
		})
	}
	for id := range wycheproofDeviations {
		assert.True(t, deviations[id], "%s needs no explanation any more", id)
	}
	t.Logf("%d vectors with another result than theirs, each with its reason", len(deviations))
}

// token returns the text to be read, and whether it is encrypted.
func (v *wycheproofVector) token(t *testing.T) (text string, encrypted bool) {
	t.Helper()
	raw, encrypted := v.JWS, false
	if raw == nil {
		raw, encrypted = v.JWE, true
	}
	require.NotNil(t, raw)
	if json.Unmarshal(raw, &text) != nil {
		text = string(raw) // an object
	}
	return text, encrypted
}

// wycheproofKeys returns the keys of a JWK or a set of them, and the values of
// alg that they have. Secrets must not be in a set, so they go another way.
func wycheproofKeys(t *testing.T, text json.RawMessage) (set KeySet, algorithms []string, err error) {
	t.Helper()
	var list struct{ Keys []json.RawMessage }
	require.NoError(t, json.Unmarshal(text, &list))
	if list.Keys == nil {
		list.Keys = []json.RawMessage{text}
	}
	var secrets []Key
	for _, one := range list.Keys {
		var key struct{ Kty, Alg, Kid, K string }
		require.NoError(t, json.Unmarshal(one, &key))
		if algorithms = append(algorithms, key.Alg); key.Kty == "oct" {
			secrets = append(secrets, Key{ID: key.Kid, Algorithm: key.Alg, Secret: append([]byte{}, must(base64.RawURLEncoding.DecodeString(key.K))...)})
		}
	}
	if len(secrets) == len(list.Keys) {
		set, err = NewKeySet(secrets...)
		return set, algorithms, err
	}
	set, err = ParseJWKS([]byte(`{"keys":[` + joinRaw(list.Keys) + `]}`))
	return set, algorithms, err
}

func joinRaw(list []json.RawMessage) string {
	var texts []string
	for _, one := range list {
		texts = append(texts, string(one))
	}
	return strings.Join(texts, ",")
}

// wycheproofVerify does with a token what a backend does, but for its claims,
// which these have none of.
func wycheproofVerify(set KeySet, algorithms []string, text string) error {
	var s scratch
	var found token
	if err := s.open(text, nil, &found); err != nil {
		return err
	}
	if _, err := s.payload(); err != nil {
		return err
	}
	if err := s.signature(); err != nil {
		return err
	}
	trusting := &trust{keys: set, algorithms: slices.Compact(algorithms)}
	_, err := trusting.verify(context.Background(), &found.header, text[:s.last], &s)
	return err
}
