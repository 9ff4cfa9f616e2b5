package apikey_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/apikey"
)

// A key of the form, worked out by hand: CRC-32 of what stands before the last six characters.
const acmeKey = "acme_0123456789ABCDEF_abcdefghijklmnopqrstuvwxyz01233iMOff"

func generate(t testing.TB, prefix string) apikey.Generated {
	t.Helper()
	g, err := apikey.Generate(prefix)
	require.NoError(t, err)
	return g
}

func TestGenerate(t *testing.T) {
	scanner := regexp.MustCompile(`^` + apikey.Pattern + `$`)
	seen := map[string]bool{}
	for _, prefix := range []string{"ab", "0a", "acme", "abcdefghijkl"} {
		for range 200 {
			g := generate(t, prefix)
			assert.Regexp(t, scanner, g.Text)
			gotPrefix, id, err := apikey.Parse(g.Text)
			require.NoError(t, err)
			assert.Equal(t, []string{prefix, g.ID, g.Prefix}, []string{gotPrefix, id, prefix})
			assert.Equal(t, apikey.DigestOf(g.Text), g.SHA256)
			assert.Equal(t, hexDigest(g.Text), g.SHA256.String())
			assert.False(t, seen[g.ID] || seen[g.Text[len(prefix)+18:]], "twice")
			seen[g.ID], seen[g.Text[len(prefix)+18:]] = true, true
		}
	}
	for _, prefix := range []string{"", "a", "abcdefghijklm", "Acme", "ac_me", "ac-me", "ac me", "ακμη", "a\n"} {
		_, err := apikey.Generate(prefix)
		assert.Error(t, err, "%q", prefix)
		_, err = apikey.Regenerate(prefix, "0123456789ABCDEF")
		assert.Error(t, err, "%q", prefix)
	}
}

func TestGenerateUsesAllDigits(t *testing.T) {
	count := map[rune]int{}
	for range 1000 {
		g := generate(t, "ab")
		for _, c := range g.ID + g.Text[20:50] {
			count[c]++
		}
	}
	assert.Len(t, count, 62)
	for c, n := range count { // 46,000 characters: 742 each, with a standard deviation of 27
		assert.InDelta(t, 742, n, 8*27, "%c", c)
	}
}

func TestRegenerate(t *testing.T) {
	old := generate(t, "acme")
	g, err := apikey.Regenerate("acme", old.ID)
	require.NoError(t, err)
	assert.Equal(t, old.ID, g.ID)
	assert.NotEqual(t, old.SHA256, g.SHA256)
	prefix, id, err := apikey.Parse(g.Text)
	require.NoError(t, err)
	assert.Equal(t, []string{"acme", old.ID}, []string{prefix, id})
	for _, id := range []string{"", "ci", old.ID + "0", old.ID[1:] + "_"} {
		_, err := apikey.Regenerate("acme", id)
		assert.Error(t, err, "%q", id)
	}
}

func TestGeneratedIsNotPrinted(t *testing.T) { // HOSTILE 83
	g := generate(t, "acme")
	secret := g.Text[22:]
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("made", "key", g)
	encoded, err := json.Marshal(g)
	require.NoError(t, err)
	for _, text := range []string{
		fmt.Sprint(g), fmt.Sprintf("%v %+v %#v %s %q %x", g, g, g, g, g, g), fmt.Sprintf("%v %+v %#v", &g, &g, []apikey.Generated{g}),
		log.String(), string(encoded),
	} {
		assert.NotContains(t, text, secret)
		assert.NotContains(t, text, fmt.Sprintf("%x", secret))
	}
	assert.Contains(t, log.String(), g.ID)
}

func TestParse(t *testing.T) {
	prefix, id, err := apikey.Parse(acmeKey)
	require.NoError(t, err)
	assert.Equal(t, []string{"acme", "0123456789ABCDEF"}, []string{prefix, id})
	for name, text := range map[string]string{
		"HOSTILE 78: empty":              "",
		"HOSTILE 79: without the end":    acmeKey[:len(acmeKey)-1],
		"HOSTILE 79: and more":           acmeKey + "0",
		"HOSTILE 80: the id":             "0123456789ABCDEF",
		"prefix and id":                  "acme_0123456789ABCDEF",
		"another id":                     strings.Replace(acmeKey, "0123", "0124", 1),
		"another prefix":                 "acmf" + acmeKey[4:],
		"another secret":                 strings.Replace(acmeKey, "abc", "abd", 1),
		"two characters changed places":  strings.Replace(acmeKey, "abc", "acb", 1),
		"another checksum":               acmeKey[:len(acmeKey)-1] + "_",
		"the checksum of another key":    acmeKey[:len(acmeKey)-6] + "0yX6Aq",
		"HOSTILE 84: lower case":         strings.ToLower(acmeKey),
		"HOSTILE 84: upper case":         strings.ToUpper(acmeKey),
		"HOSTILE 84: percent-encoded":    strings.ReplaceAll(acmeKey, "_", "%5F"),
		"HOSTILE 84: full-width letters": strings.ReplaceAll(acmeKey, "a", "\uff41"),
		"no prefix":                      acmeKey[4:],
		"hyphens":                        strings.ReplaceAll(acmeKey, "_", "-"),
		"a line end":                     acmeKey + "\n",
		"a space in place of the prefix": " " + acmeKey[1:],
		"a prefix in upper case":         "ACME" + acmeKey[4:],
		"1 MiB":                          strings.Repeat("a", 1<<20),
	} {
		_, _, err := apikey.Parse(text)
		require.Error(t, err, name)
		assert.NotContains(t, err.Error(), "abcdefgh", name)
	}
}

// A typing error in any one place is noticed, and so are two characters that changed places.
func TestChecksum(t *testing.T) {
	for i := range acmeKey {
		for _, c := range []byte("0Aa_z9") {
			if text := acmeKey[:i] + string(c) + acmeKey[i+1:]; text != acmeKey {
				_, _, err := apikey.Parse(text)
				assert.Error(t, err, text)
			}
		}
		if i > 0 && acmeKey[i] != acmeKey[i-1] {
			_, _, err := apikey.Parse(acmeKey[:i-1] + acmeKey[i:i+1] + acmeKey[i-1:i] + acmeKey[i+1:])
			assert.Error(t, err, i)
		}
	}
}

func TestPattern(t *testing.T) {
	scanner := regexp.MustCompile(apikey.Pattern)
	key := generate(t, "acme").Text
	for _, text := range []string{
		"X-API-Key: %s\n", `"key": "%s"`, "curl -H 'Authorization: Bearer %s'", "KEY=%s", "(%s)", "https://example.com/?k=%s&x", "%s,%s",
	} {
		line := strings.ReplaceAll(text, "%s", key)
		assert.Equal(t, strings.Count(text, "%s"), len(scanner.FindAllString(line, -1)), line)
		assert.Equal(t, key, scanner.FindString(line), line)
	}
	for _, text := range []string{key[:len(key)-1], key + "x", "X" + key, "sha256:" + hexDigest(key), "a_b_c", strings.ToUpper(key)} {
		assert.False(t, scanner.MatchString(text), text)
	}
}

// What is accepted is what Generate makes, and nothing that is changed in any way.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"", acmeKey, acmeKey[:57], acmeKey + "0", "ab" + acmeKey[4:], ciKey, "__", strings.Repeat("_", 58), "\x00", "é"} {
		f.Add(text)
	}
	scanner := regexp.MustCompile(`^` + apikey.Pattern + `$`)
	f.Fuzz(func(t *testing.T, text string) {
		prefix, id, err := apikey.Parse(text)
		if err != nil {
			require.Empty(t, prefix+id)
			if len(text) > 3 {
				require.NotContains(t, err.Error(), text)
			}
			return
		}
		require.Regexp(t, scanner, text)
		require.True(t, strings.HasPrefix(text, prefix+"_"+id+"_"))
		g, err := apikey.Regenerate(prefix, id)
		require.NoError(t, err)
		require.Len(t, g.Text, len(text))
		for _, changed := range []string{text + "0", text[1:], "0" + text, strings.ToUpper(text)} {
			_, _, err := apikey.Parse(changed)
			require.Error(t, err)
		}
	})
}
