package credential

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
)

var (
	none    = runtime.ErrNoCredentials
	invalid = runtime.ErrInvalidCredentials
)

func TestReadAuthorization(t *testing.T) {
	cases := []struct {
		name   string
		values []string
		want   string
		err    error
	}{
		{"HOSTILE 1: missing", nil, "", none},
		{"HOSTILE 2: empty", []string{""}, "", none},
		{"HOSTILE 3: nothing behind the scheme", []string{"Bearer"}, "", invalid},
		{"HOSTILE 3: a space behind the scheme", []string{"Bearer "}, "", invalid},
		{"HOSTILE 4: lower case", []string{"bearer x"}, "x", nil},
		{"HOSTILE 4: upper case", []string{"BEARER x"}, "x", nil},
		{"HOSTILE 5: several spaces", []string{"Bearer  \u0020x"}, "x", nil},
		{"HOSTILE 5: tab", []string{"Bearer\tx"}, "", none},
		{"HOSTILE 5: space before", []string{" Bearer x"}, "", none},
		{"HOSTILE 7: no scheme", []string{"x"}, "", none},
		{"HOSTILE 8: Basic", []string{"Basic YTpi"}, "", none},
		{"HOSTILE 9: two fields", []string{"Bearer x", "Bearer x"}, "", invalid},
		{"HOSTILE 9: two fields, one of another scheme", []string{"Basic YTpi", "Bearer x"}, "", invalid},
		{"HOSTILE 15: too long", []string{"Bearer " + strings.Repeat("x", 101)}, "", invalid},
		{"HOSTILE 15: as long as allowed", []string{"Bearer " + strings.Repeat("x", 100)}, strings.Repeat("x", 100), nil},
		{"HOSTILE 15: far too long", []string{strings.Repeat("x", 1<<20)}, "", invalid},
		{"the second scheme", []string{"ApiKey x"}, "x", nil},
		{"a Kelvin sign is no k", []string{"Api\u212Aey x"}, "", none},
		{"a longer scheme", []string{"BearerX x"}, "", none},
	}
	header, err := NewHeader("authorization", 100, "Bearer", "ApiKey")
	require.NoError(t, err)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := header.Read(&http.Request{Header: http.Header{"Authorization": c.values}})
			assert.ErrorIs(t, err, c.err)
			assert.Equal(t, c.want, got)
		})
	}
}

func TestReadAnotherField(t *testing.T) {
	header, err := NewHeader("x-token", 100, "Bearer")
	require.NoError(t, err)
	for value, want := range map[string]string{"x": "x", "Bearer x": "x", "bearer  x": "x", "Basic x": "Basic x", "Bearerx": "Bearerx"} {
		got, err := header.Read(&http.Request{Header: http.Header{"X-Token": {value}}})
		assert.NoError(t, err, value)
		assert.Equal(t, want, got, value)
	}
	_, err = header.Read(&http.Request{Header: http.Header{"X-Token": {"Bearer"}}})
	assert.ErrorIs(t, err, invalid)
	_, err = header.Read(&http.Request{Header: http.Header{"Authorization": {"Bearer x"}}})
	assert.ErrorIs(t, err, none)
}

func TestNewHeaderRefuses(t *testing.T) {
	for _, name := range []string{"", " ", "X Y", "X-Ä", "X:", "X\n", "cookie", "Host"} {
		_, err := NewHeader(name, 100, "Bearer")
		assert.Error(t, err, "%q", name)
	}
}

// What is read is a part of the value, begins with no space, and is not empty;
// an error is one of the two that let the next backend try.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{"", "Bearer x", "Bearer", "bearer   x y", "x", "Basic x", "ApiKey x", "Bearer\tx", "\x00", "Bearer a, Bearer b"} {
		f.Add("Authorization", seed)
		f.Add("X-Api-Key", seed)
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		header, err := NewHeader(name, 100, "Bearer", "ApiKey")
		if err != nil {
			return
		}
		got, err := header.Read(&http.Request{Header: http.Header{http.CanonicalHeaderKey(name): {value}}})
		if err != nil {
			assert.Empty(t, got)
			assert.True(t, assert.ObjectsAreEqual(err, none) || assert.ErrorIs(t, err, invalid))
			return
		}
		assert.NotEmpty(t, got)
		assert.LessOrEqual(t, len(got), 100)
		assert.True(t, strings.HasSuffix(value, got))
		if scheme := strings.TrimRight(strings.TrimSuffix(value, got), " "); scheme != "" {
			assert.Contains(t, []string{"bearer", "apikey"}, strings.ToLower(scheme))
		} else {
			assert.NotEqual(t, authorization, http.CanonicalHeaderKey(name))
		}
	})
}
