package leak

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFinds(t *testing.T) {
	tests := []struct {
		secret, text string
		found        bool
	}{
		{"0123456789", "0123456789", true},
		{"0123456789", "a 0123456789 b", true},
		{"0123456789", "012345678", false},
		{"0123456789", "012345678012345678 0123456789x", true},
		{"0123456789", "", false},
		{"short", "short", false},
		{`a "quoted" word`, `{"x":"a \"quoted\" word"}`, true},
		{"an \u202eodd word", fmt.Sprintf("%q", "an \u202eodd word"), true},
		{"<less than>", `{"x":"\u003cless than\u003e"}`, true},
	}
	for _, test := range tests {
		var w watch
		w.add("another one", test.secret, test.secret)
		w.look("log", test.text)
		assert.Equal(t, test.found, w.report() != "", "%q in %q", test.secret, test.text)
	}
}

func TestFindsTheStartOfALongOne(t *testing.T) {
	var w watch
	w.add(strings.Repeat("long", longest))
	w.look("log", strings.Repeat("long", longest/4-1))
	assert.Empty(t, w.report())
	w.look("log", strings.Repeat("long", longest/4))
	assert.NotEmpty(t, w.report())
}

func TestFindsOneOfManyWithTheSameStart(t *testing.T) {
	var w watch
	for i := range 100 {
		w.add(fmt.Sprintf("same start %d.", i))
	}
	w.look("event", "same start 200.")
	assert.Empty(t, w.report())
	w.look("event", "is same start 42. here")
	assert.Contains(t, w.report(), `event holds the secret "same start 42."`)
	for range 2 * mostFinds {
		w.look("event", "same start 7.")
	}
	assert.Len(t, w.finds, mostFinds)
}

// What requests and answers hold, in a watch of its own.
func TestRequestAndAnswer(t *testing.T) {
	t.Cleanup(func() { all.finds = nil })
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Authorization", "Bearer t0ken-of-alice")
	r.Header.Add("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("alice:pa55word")))
	r.Header.Set("X-API-Key", "k3y-of-alice")
	r.Header.Set("Cookie", "a=b; session=s3ssion-of-alice")
	Request(r)
	for _, secret := range []string{"t0ken-of-alice", "pa55word", "k3y-of-alice", "s3ssion-of-alice"} {
		all.finds = nil
		Answer(200, nil, secret)
		assert.Empty(t, all.report(), "where it comes from")
		Answer(401, http.Header{"A": {"b"}}, "nothing")
		assert.Empty(t, all.report())
		Answer(401, nil, "not "+secret)
		assert.Contains(t, all.report(), secret)
		all.finds = nil
		Answer(500, http.Header{"Www-Authenticate": {`x="` + secret + `"`}}, "")
		assert.Contains(t, all.report(), secret)
		all.finds = nil
		fmt.Fprintln(Log(), strings.Repeat("x", 100)+secret)
		assert.Contains(t, all.report(), "log holds")
		all.finds = nil
		Error(nil)
		assert.Empty(t, all.report())
		Error(fmt.Errorf("about %s", secret))
		assert.Contains(t, all.report(), "error holds")
	}
}
