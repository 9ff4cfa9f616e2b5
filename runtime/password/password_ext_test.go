package password_test

import (
	"context"
	"encoding/base64"
	"fmt"
	goruntime "runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/password"
)

const horse = "correct horse battery staple"

// Hashes that other implementations made.
var vectors = []struct {
	by      string
	text    string
	hash    string
	upgrade bool
}{
	{"argon2 of Debian 12: -id -t 2 -k 19456 -p 1 -l 32", horse,
		"$argon2id$v=19$m=19456,t=2,p=1$c2l4dGVlbiBieXRlIHNhbHQ$dYaBdZPIhYC5WUVx7ElpZraKWyBhvI4Pixzx9IonisY", false},
	{"argon2-cffi 21.1.0", horse,
		"$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$gy5SuVm5Z7Vw7keB9se9p87QGcomaseB/S2U1OhTsM0", false},
	{"argon2-cffi 21.1.0, 4 lanes, 8 bytes of salt", "password",
		"$argon2id$v=19$m=64,t=3,p=4$c29tZXNhbHQ$JE8O3e/Jske+BpoCNhq6UN4ulPsnNjN8", true},
	{"argon2-cffi 21.1.0, 2 lanes, 64 bytes", "pässwörd ☃",
		"$argon2id$v=19$m=1024,t=1,p=2$YW5vdGhlciBzYWx0IDEyMw$aTFEDDzulYaPsMzeeMHhiYEfOve2xTBLEYblnOunyWkkoHsZ8n0R0Z+NKbbRP6pEMLfl9cNtsP2BOk2jNkyYkw", true},
	{"argon2-cffi 21.1.0, 16 bytes", horse,
		"$argon2id$v=19$m=256,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$JOVoBXhz2qqbcxH7ctS9lA", true},
	{"bcrypt 3.2.2 of PyPI", horse, "$2b$05$1mH2AQrHypSRF/4mfouaKu7tdEN6E3cfUJn72U./UkuUHtTQhnpha", true},
	{"bcrypt 3.2.2 of PyPI, 2a", horse, "$2a$04$vKeEt5jw4FQmj4slKJZRW.Yfp0l/PXkirzYAfdydB821.mQ5b.vzC", true},
	{"bcrypt 3.2.2 of PyPI, 72 bytes", strings.Repeat("x", 72), "$2b$04$UiPD6N616LyC8jNEFbBv1.xd34PbZTvjr9wXO9AvrAPBS4SJ6EdeG", true},
	{"bcrypt 3.2.2 of PyPI, UTF-8", "pässwörd ☃", "$2b$04$IwX5VT/tKZcX7cQ8zibb1OHRTjeueAIDE6ZxKLokFgtzmot9M.RMW", true},
	{"htpasswd 2.4.71, 2y", horse, "$2y$04$iR8.mT4GGh/Py6FB3fY3DO9iM6ncU7nTnyZOPrXzFoQSD0Cl28DT.", true},
	{"hashlib of Python 3.11", horse,
		"pbkdf2_sha256$30000$Xq0RZ8VhWlTz3nQ5pYk2aB$Xi9sdUFztGQ+TcTomVtQiH27/sLnQQukGgOTgSBpM/A=", true},
	{"hashlib of Python 3.11, UTF-8", "pässwörd ☃", "pbkdf2_sha256$1000$salt$uqOxZrYz3efmPKJGiL8dQ6ljRurxgb6/4HfNmeaH520=", true},
	{"hashlib of Python 3.11, one iteration, 100 bytes", strings.Repeat("0123456789", 10), "pbkdf2_sha256$1$s$LCp/O/JZ1gxqQTXdHsqDjxQqNbv2iRD8SsMa/HWhq+U=", true},
}

func TestVectors(t *testing.T) {
	for _, v := range vectors {
		t.Run(v.by, func(t *testing.T) {
			assert.True(t, password.Usable(v.hash))
			ok, upgrade, err := password.Check(t.Context(), v.hash, v.text)
			require.NoError(t, err)
			assert.True(t, ok)
			assert.Equal(t, v.upgrade, upgrade)

			for _, wrong := range []string{v.text + "x", v.text + "\x00"} {
				ok, upgrade, err := password.Check(t.Context(), v.hash, wrong)
				require.NoError(t, err)
				assert.False(t, ok, "%q", wrong)
				assert.False(t, upgrade, "there is nothing to upgrade with")
			}
		})
	}
}

func TestHash(t *testing.T) {
	hash, err := password.Hash(t.Context(), horse)
	require.NoError(t, err)
	assert.Regexp(t, `^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`, hash)

	ok, upgrade, err := password.Check(t.Context(), hash, horse)
	require.NoError(t, err)
	assert.True(t, ok)
	assert.False(t, upgrade, "it is up to date")

	another, err := password.Hash(t.Context(), horse)
	require.NoError(t, err)
	assert.NotEqual(t, hash, another, "a new salt")
}

func TestHashRefuses(t *testing.T) {
	_, err := password.Hash(t.Context(), "")
	assert.EqualError(t, err, "hash password: it is empty")
	_, err = password.Hash(t.Context(), strings.Repeat("x", 4097))
	assert.EqualError(t, err, "hash password: longer than 4096 bytes")
	_, err = password.Hash(t.Context(), "a\x00b")
	assert.EqualError(t, err, "hash password: a NUL in it")
}

// What costs a guesser more than the parameters of today is left alone.
func TestUpgrade(t *testing.T) {
	salt, sum := strings.Repeat("A", 22), strings.Repeat("A", 43)
	for parameters, want := range map[string]bool{
		"m=19456,t=2,p=1": false,
		"m=19456,t=3,p=1": false,
		"m=47104,t=1,p=1": false, // OWASP's first, for its memory
		"m=65536,t=3,p=4": false,
		"m=9216,t=2,p=1":  true,
		"m=19456,t=1,p=1": true,
	} {
		assert.Equal(t, want, password.Weak("$argon2id$v=19$"+parameters+"$"+salt+"$"+sum), parameters)
	}
	assert.True(t, password.Weak("$argon2id$v=19$m=19456,t=2,p=1$"+strings.Repeat("A", 20)+"$"+sum), "short salt")
	assert.True(t, password.Weak("$argon2id$v=19$m=19456,t=2,p=1$"+salt+"$"+salt), "short sum")
}

// HOSTILE 97
func TestUnusable(t *testing.T) {
	salt, sum := strings.Repeat("A", 22), strings.Repeat("A", 43)
	argon2id := func(parameters string) string { return "$argon2id$v=19$" + parameters + "$" + salt + "$" + sum }
	bcrypt := func(prefix string) string { return prefix + strings.Repeat("a", 53) }
	unusable := map[string]string{
		"empty":                       "",
		"Django's mark of nobody":     "!",
		"Django's mark, as written":   "!unusableQ2T4bVfGhJkLmNpQrStUvWxYz0123456789",
		"a plain password":            horse,
		"md5":                         "md5$salt$5f4dcc3b5aa765d61d8327deb882cf99",
		"MD5-crypt":                   "$1$salt$qJH7.N4xYta3aEG/dfqo/0",
		"dollars":                     strings.Repeat("$", 100),
		"a prefix":                    "$argon2id$v=19$m=19456,t=2,p=1$",
		"1 MiB":                       "pbkdf2_sha256$1$" + strings.Repeat("s", 1<<20) + "$" + sum + "=",
		"NUL":                         argon2id("m=64,t=1,p=1") + "\x00",
		"a line end":                  argon2id("m=64,t=1,p=1") + "\n",
		"a space":                     " " + argon2id("m=64,t=1,p=1"),
		"2^31 iterations":             "pbkdf2_sha256$2147483648$salt$" + sum + "=",
		"2^64 iterations":             "pbkdf2_sha256$18446744073709551616$salt$" + sum + "=",
		"one iteration too many":      "pbkdf2_sha256$4000001$salt$" + sum + "=",
		"no iterations":               "pbkdf2_sha256$0$salt$" + sum + "=",
		"negative iterations":         "pbkdf2_sha256$-1$salt$" + sum + "=",
		"iterations with a zero":      "pbkdf2_sha256$01$salt$" + sum + "=",
		"iterations with a sign":      "pbkdf2_sha256$+1$salt$" + sum + "=",
		"no salt":                     "pbkdf2_sha256$1$$" + sum + "=",
		"no sum":                      "pbkdf2_sha256$1$salt$",
		"short sum":                   "pbkdf2_sha256$1$salt$" + base64.StdEncoding.EncodeToString(make([]byte, 31)),
		"sum without padding":         "pbkdf2_sha256$1$salt$" + sum,
		"sum with a line end":         "pbkdf2_sha256$1$salt$" + sum[:20] + "\n" + sum[20:] + "=",
		"sum with bits left over":     "pbkdf2_sha256$1$salt$" + sum[1:] + "B=",
		"a dollar before PBKDF2":      "$pbkdf2_sha256$1$" + sum + "=",
		"PBKDF2 with SHA-1":           "pbkdf2_sha1$1$salt$" + sum + "=",
		"argon2i":                     "$argon2i$v=19$m=256,t=2,p=1$c2l4dGVlbiBieXRlIHNhbHQ$Kz6c3/H1712q37rJnvOtmB0xrQOndDLDXQe9lUfGchE",
		"an old version of argon2":    strings.Replace(argon2id("m=64,t=1,p=1"), "v=19", "v=16", 1),
		"128 MiB and more":            argon2id("m=131073,t=1,p=1"),
		"4 TiB":                       argon2id("m=4294967295,t=1,p=1"),
		"memory that overflows":       argon2id("m=4294967360,t=1,p=1"),
		"many passes":                 argon2id("m=64,t=65,p=1"),
		"more passes than fit":        argon2id("m=64,t=4294967297,p=1"),
		"memory and passes together":  argon2id("m=131072,t=9,p=1"),
		"many lanes":                  argon2id("m=65536,t=1,p=17"),
		"lanes that overflow":         argon2id("m=65536,t=1,p=257"),
		"no lanes":                    argon2id("m=64,t=1,p=0"),
		"no passes":                   argon2id("m=64,t=0,p=1"),
		"no memory":                   argon2id("m=0,t=1,p=1"),
		"too little memory":           argon2id("m=31,t=1,p=4"),
		"parameters in another order": argon2id("t=1,m=64,p=1"),
		"a parameter more":            argon2id("m=64,t=1,p=1,data=AAAA"),
		"a parameter twice":           argon2id("m=64,t=1,p=1,p=1"),
		"no parameters":               argon2id(""),
		"short salt":                  "$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAA$" + sum, // 7 bytes
		"sum of 15 bytes":             "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + strings.Repeat("A", 20),
		"padding":                     argon2id("m=64,t=1,p=1") + "=",
		"Django's argon2":             "argon2" + argon2id("m=64,t=1,p=1"),
		"bcrypt for months":           bcrypt("$2b$31$"),
		"bcrypt above the bound":      bcrypt("$2b$15$"),
		"bcrypt below its own bound":  bcrypt("$2b$03$"),
		"bcrypt, the broken 2x":       bcrypt("$2x$04$"),
		"bcrypt, the first 2":         "$2$04$" + strings.Repeat("a", 54),
		"bcrypt without first dollar": bcrypt("2b$04$x"),
		"bcrypt, short":               bcrypt("$2b$04$")[:59],
		"bcrypt, long":                bcrypt("$2b$04$") + "a",
		"bcrypt, a cost of spaces":    bcrypt("$2b$ 4$"),
		"bcrypt, no third dollar":     bcrypt("$2b$04x"),
		"bcrypt, a sign":              bcrypt("$2b$+4$"),
		"bcrypt, a foreign digit":     bcrypt("$2b$04$")[:59] + "+",
		"Django's bcrypt":             "bcrypt$" + bcrypt("$2b$04$"),
	}
	for name, hash := range unusable {
		assert.False(t, password.Usable(hash), name)
	}
	for _, hash := range []string{"", "!", "md5$salt$5f4dcc3b5aa765d61d8327deb882cf99", "pbkdf2_sha256$2147483648$salt$" + sum + "="} {
		ok, upgrade, err := password.Check(t.Context(), hash, "!")
		assert.NoError(t, err)
		assert.False(t, ok, hash)
		assert.False(t, upgrade)
	}
	for _, usable := range []string{
		"pbkdf2_sha256$4000000$salt$" + sum + "=", argon2id("m=131072,t=8,p=16"), argon2id("m=8,t=64,p=1"), bcrypt("$2b$14$"),
	} {
		assert.True(t, password.Usable(usable), "at the bound: %s", usable)
	}
}

// HOSTILE 97
func TestLengths(t *testing.T) {
	longest := strings.Repeat("x", 4096)
	for text, hash := range map[string]string{ // by Python's hashlib, of the very text
		"":                         "hlaZvx+fQUB7nsOXctgpvyJ4ixMmVOdSfNbS+6nH3wk=",
		longest + "x":              "PrkhT/NwZHE5Fr5KeK1+iMa2x6Pg64MnhFv6N70hzt4=",
		strings.Repeat("x", 1<<20): "twoDwugUDF2e4r3FH+4xHaoeQ8+LrDlXG8fN+62wyi4=",
	} {
		start := time.Now()
		ok, _, err := password.Check(t.Context(), "pbkdf2_sha256$1$s$"+hash, text)
		assert.NoError(t, err)
		assert.False(t, ok)
		assert.Less(t, time.Since(start), time.Second)
	}
	hash, err := password.Hash(t.Context(), longest)
	require.NoError(t, err)
	ok, _, err := password.Check(t.Context(), hash, longest)
	require.NoError(t, err)
	assert.True(t, ok)
	ok, _, err = password.Check(t.Context(), hash, longest[1:]+"y")
	require.NoError(t, err)
	assert.False(t, ok, "the last byte counts")
}

// htpasswd hashed a password of 80 bytes, of which bcrypt saw 72. Another one
// that begins with those would match.
func TestBcryptSees72Bytes(t *testing.T) {
	const hash = "$2y$05$oQ0qKNAGyu4cpiuxwuI3aeqoN3IPy3.78eaGlZ56zx2/4YEwRXD/i"
	for n, want := range map[int]bool{71: false, 72: true, 73: false, 80: false} {
		ok, _, err := password.Check(t.Context(), hash, strings.Repeat("x", n))
		require.NoError(t, err)
		assert.Equal(t, want, ok, n)
	}
}

// PBKDF2 fills a short password up with NULs, and bcrypt repeats it behind one.
func TestNUL(t *testing.T) {
	for text, hash := range map[string]string{
		horse + "\x00":         "pbkdf2_sha256$1$s$rWoAssnsGtQ/C5Iaz49qn3d4HZ3Yiqbi8p7j26Qh1+I=",
		horse + "\x00" + horse: "$2b$05$1mH2AQrHypSRF/4mfouaKu7tdEN6E3cfUJn72U./UkuUHtTQhnpha",
	} {
		ok, _, err := password.Check(t.Context(), hash, horse)
		require.NoError(t, err)
		require.True(t, ok)
		ok, _, err = password.Check(t.Context(), hash, text)
		require.NoError(t, err)
		assert.False(t, ok)
	}
}

func TestNobody(t *testing.T) {
	assert.True(t, password.Usable(password.Nobody()))
	assert.Equal(t, password.Nobody(), password.Nobody())
	mine, err := password.Hash(t.Context(), horse)
	require.NoError(t, err)
	assert.Equal(t, mine[:31], password.Nobody()[:31], "the same parameters, so the same cost")
	assert.Len(t, password.Nobody(), len(mine))
	for _, text := range []string{horse, "", "nobody", password.Nobody()} {
		ok, upgrade, err := password.Check(t.Context(), password.Nobody(), text)
		require.NoError(t, err)
		assert.False(t, ok)
		assert.False(t, upgrade)
	}
}

// HOSTILE 98: what has no password takes the memory, and so the time, of what
// has one.
func TestUnusableCostsAsMuchAsNobody(t *testing.T) {
	hash, err := password.Hash(t.Context(), horse)
	require.NoError(t, err)
	for _, hash := range []string{hash, password.Nobody(), "", "!", "pbkdf2_sha256$2147483648$salt$x"} {
		var before, after goruntime.MemStats
		goruntime.ReadMemStats(&before)
		ok, _, err := password.Check(t.Context(), hash, "wrong")
		goruntime.ReadMemStats(&after)
		require.NoError(t, err)
		assert.False(t, ok)
		assert.GreaterOrEqual(t, after.TotalAlloc-before.TotalAlloc, uint64(19<<20), hash)
	}
}

func TestContextEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ok, _, err := password.Check(ctx, password.Nobody(), horse)
	assert.False(t, ok)
	assert.ErrorIs(t, err, runtime.ErrUnavailable)
	assert.ErrorIs(t, err, context.Canceled)
	_, err = password.Hash(ctx, horse)
	assert.ErrorIs(t, err, runtime.ErrUnavailable)
	assert.ErrorIs(t, err, context.Canceled)
	assert.NotContains(t, err.Error(), horse)
}

func Example() {
	hash, err := password.Hash(context.Background(), "correct horse battery staple")
	if err != nil {
		panic(err)
	}
	ok, upgrade, err := password.Check(context.Background(), hash, "correct horse battery staple")
	fmt.Println(ok, upgrade, err)
	// Output: true false <nil>
}

// Whatever is stored: parsing does not panic, what is usable is within the
// bounds, and is written in one way only.
func FuzzUsable(f *testing.F) {
	for _, v := range vectors {
		f.Add(v.hash)
	}
	f.Add("!")
	f.Add("pbkdf2_sha256$2147483648$salt$")
	f.Add("$argon2id$v=19$m=4294967295,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA")
	f.Fuzz(func(t *testing.T, hash string) {
		if !password.Usable(hash) {
			return
		}
		assert.LessOrEqual(t, len(hash), 512)
		assert.Equal(t, hash, password.Rewritten(hash))
	})
}
