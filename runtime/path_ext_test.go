package runtime_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
)

type (
	articleID int64
	small     int8
	flag      bool
	slug      string
)

// with returns a request whose wildcard id has this value.
func with(value string) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	r.SetPathValue("id", value)
	return r
}

func as[T any](f func(*http.Request, string) (T, error)) func(*http.Request) (any, error) {
	return func(r *http.Request) (any, error) { return f(r, "id") }
}

func TestPathValues(t *testing.T) {
	tests := []struct {
		read  func(*http.Request) (any, error)
		value string
		want  any // nil: 400
	}{
		{as(runtime.PathInt[int]), "-7", -7},
		{as(runtime.PathInt[articleID]), "9223372036854775807", articleID(math.MaxInt64)},
		{as(runtime.PathInt[articleID]), "9223372036854775808", nil},
		{as(runtime.PathInt[int64]), "1e3", nil},
		{as(runtime.PathInt[int64]), "1_000", nil},
		{as(runtime.PathInt[int64]), "0x10", nil},
		{as(runtime.PathInt[int64]), " 1", nil},
		{as(runtime.PathInt[int64]), "1\n", nil},
		{as(runtime.PathInt[int64]), "1.0", nil},
		{as(runtime.PathInt[int64]), "٣", nil},
		{as(runtime.PathInt[small]), "127", small(127)},
		{as(runtime.PathInt[small]), "128", nil},
		{as(runtime.PathInt[small]), "-128", small(-128)},
		{as(runtime.PathInt[small]), "-129", nil},
		{as(runtime.PathInt[int16]), "32768", nil},
		{as(runtime.PathInt[int32]), "2147483648", nil},
		{as(runtime.PathUint[uint]), "7", uint(7)},
		{as(runtime.PathUint[uint]), "-1", nil},
		{as(runtime.PathUint[uint8]), "255", uint8(255)},
		{as(runtime.PathUint[uint8]), "256", nil},
		{as(runtime.PathUint[uint16]), "65536", nil},
		{as(runtime.PathUint[uint32]), "4294967296", nil},
		{as(runtime.PathUint[uint64]), "18446744073709551615", uint64(math.MaxUint64)},
		{as(runtime.PathUint[uint64]), "18446744073709551616", nil},
		{as(runtime.PathUint[uintptr]), "1", uintptr(1)},
		{as(runtime.PathBool[flag]), "true", flag(true)},
		{as(runtime.PathBool[bool]), "0", false},
		{as(runtime.PathBool[bool]), "yes", nil},
		{as(runtime.PathString[slug]), "a/..\x00", slug("a/..\x00")},
		{as(runtime.PathString[string]), " ", " "},
		{as(runtime.PathText[netip.Addr]), "127.0.0.1", netip.MustParseAddr("127.0.0.1")},
		{as(runtime.PathText[netip.Addr]), "127.0.0.256", nil},
		{as(runtime.PathText[time.Time]), "2026-01-02T03:04:05Z", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
		{as(runtime.PathText[leaving]), "x", nil},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%T %q", tt.want, tt.value), func(t *testing.T) {
			got, err := tt.read(with(tt.value))
			if tt.want != nil {
				require.NoError(t, err)
				assert.Equal(t, tt.want, got)
				return
			}
			assert.Zero(t, got)
			var e *runtime.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, 400, e.Status)
			assert.ErrorIs(t, err, runtime.ErrBadRequest)
			assert.Equal(t, `Invalid value of path parameter "id"`, e.Detail)
			assert.Error(t, e.Err)

			_, err = tt.read(with("")) // 121: a router that does not set path values
			require.ErrorAs(t, err, &e)
			assert.Equal(t, 500, e.Status)
			assert.Empty(t, e.Detail)
		})
	}
}

// leaving leaves something behind where it fails.
type leaving struct{ ID int }

func (l *leaving) UnmarshalText([]byte) error { l.ID = 1; return io.EOF }

// 121: every function but PathRest says 500 to what is empty.
func TestPathEmpty(t *testing.T) {
	for name, read := range map[string]func(*http.Request) (any, error){
		"int": as(runtime.PathInt[int]), "uint": as(runtime.PathUint[uint]), "bool": as(runtime.PathBool[bool]),
		"string": as(runtime.PathString[string]), "text": as(runtime.PathText[leaving]),
	} {
		for _, r := range []*http.Request{with(""), httptest.NewRequest("GET", "/", nil)} {
			got, err := read(r)
			var e *runtime.Error
			require.ErrorAs(t, err, &e, name)
			assert.Equal(t, 500, e.Status, name)
			assert.Zero(t, got, name)
		}
	}
	assert.Equal(t, slug(""), runtime.PathRest[slug](with(""), "id"))
	assert.Equal(t, slug("a/b"), runtime.PathRest[slug](with("a/b"), "id"))
}

// 120: an escaped slash is a part of the value, and nothing normalises it behind the guard's back.
func TestPathValuesThroughTheRouter(t *testing.T) {
	tests := []struct{ pattern, target, want string }{
		{"/files/{id}", "/files/..%2Fsecret", "../secret"},
		{"/files/{id...}", "/files/public/..%2Fsecret", "public/../secret"},
		{"/files/{id...}", "/files/", ""},
		{"/files/{id}", "/files/%2e%2e", ".."},
		{"/files/{id}", "/files/a%00b", "a\x00b"},
		{"/files/{id}", "/files/a;x=1", "a;x=1"},
	}
	for _, tt := range tests {
		var got string
		s := setup{add: open, patterns: []string{tt.pattern}, handle: func(_ *runtime.Call, _ http.ResponseWriter, r *http.Request) {
			got = runtime.PathRest[string](r, "id")
		}}.build(t)
		s.do(httptest.NewRequest("GET", tt.target, nil))
		assert.Equal(t, 1, s.served, tt.target)
		assert.Equal(t, tt.want, got, tt.target)
	}
}

// 108: a path value that does not parse is no news to somebody without a credential.
func TestPathValueWithoutCredential(t *testing.T) {
	u := setup{backends: []runtime.Authenticator{bearer}, patterns: []string{"/{id}"}, check: func(c *runtime.Call, r *http.Request) bool {
		if _, err := runtime.PathInt[int](r, "id"); err != nil {
			c.Refuse(err)
			return false
		}
		return true
	}}
	s := u.build(t)
	assert.Equal(t, 401, s.do(httptest.NewRequest("GET", "/x", nil)).Code)
	r := authorized()
	r.URL.Path = "/x"
	w := s.do(r)
	assert.Equal(t, 400, w.Code)
	assert.JSONEq(t, `{"type":"about:blank","title":"Bad Request","status":400,"detail":"Invalid value of path parameter \"id\""}`, w.Body.String())
	assert.Zero(t, s.served)
}

func FuzzPathValues(f *testing.F) {
	for _, seed := range []string{"", "0", "-0", "+1", "127", "128", "-129", "99999999999999999999", "0x1", "1_0", "true", "T", "\x00", "é", "1\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		r := with(value)
		if n, err := runtime.PathInt[int8](r, "id"); err == nil {
			want, err := strconv.Atoi(value)
			require.NoError(t, err)
			require.Equal(t, want, int(n))
		} else {
			requireStatus(t, err, value)
		}
		if n, err := runtime.PathUint[uint64](r, "id"); err == nil {
			want, err := strconv.ParseUint(value, 10, 64)
			require.NoError(t, err)
			require.Equal(t, want, n)
		} else {
			requireStatus(t, err, value)
		}
		if s, err := runtime.PathString[string](r, "id"); err == nil {
			require.Equal(t, value, s)
			require.NotEmpty(t, s)
		}
		if _, err := runtime.PathBool[bool](r, "id"); err != nil {
			requireStatus(t, err, value)
		}
	})
}

// requireStatus: 500 for an empty value, 400 for others, and neither repeats the value.
func requireStatus(t *testing.T, err error, value string) {
	var e *runtime.Error
	require.ErrorAs(t, err, &e)
	if value == "" {
		require.Equal(t, 500, e.Status)
		return
	}
	require.Equal(t, 400, e.Status)
	require.Equal(t, `Invalid value of path parameter "id"`, e.Detail)
	require.Contains(t, []error{strconv.ErrSyntax, strconv.ErrRange}, e.Err)
}

type store interface{ Name() string }

type postgres struct{}

func (*postgres) Name() string { return "postgres" }

func TestNotNil(t *testing.T) {
	article := new(int)
	got, err := runtime.NotNil(article, nil)
	assert.NoError(t, err)
	assert.Same(t, article, got)

	_, err = runtime.NotNil(article, io.EOF)
	assert.Equal(t, io.EOF, err, "an error counts, whatever comes with it")

	nilOf := map[string]error{}
	_, nilOf["pointer"] = runtime.NotNil[*int](nil, nil)
	_, nilOf["interface"] = runtime.NotNil[store](nil, nil)
	_, nilOf["nil pointer in an interface"] = runtime.NotNil[store]((*postgres)(nil), nil)
	_, nilOf["nil pointer in any"] = runtime.NotNil[any]((*postgres)(nil), nil)
	for name, err := range nilOf {
		var e *runtime.Error
		assert.Error(t, err, name)
		assert.False(t, errors.As(err, &e), name)
	}
	s, err := runtime.NotNil[store](new(postgres), nil)
	assert.NoError(t, err)
	assert.Equal(t, "postgres", s.Name())
	list, err := runtime.NotNil[any]([]int{1}, nil) // cannot be compared, and need not be
	assert.NoError(t, err)
	assert.Equal(t, []int{1}, list)
}
