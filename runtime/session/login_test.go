package session

import (
	"crypto/rand"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCut(t *testing.T) {
	for given, want := range map[string]string{
		"":                             "",
		"Mozilla/5.0 (X11; Linux)":     "Mozilla/5.0 (X11; Linux)",
		"a\x00b\r\nc\td\x7f":           "abcd",
		"<script>'\"":                  "<script>'\"",
		"a\xffb\ufffdc":                "abc",
		"\u202eevil\u200b":             "evil",
		strings.Repeat("x", 256):       strings.Repeat("x", 256),
		strings.Repeat("x", 257):       strings.Repeat("x", 256),
		strings.Repeat("x", 1<<20):     strings.Repeat("x", 256),
		strings.Repeat("é", 128) + "e": strings.Repeat("é", 128),
		"x" + strings.Repeat("é", 200): "x" + strings.Repeat("é", 127),
		strings.Repeat("日", 1000):      strings.Repeat("日", 85),
		strings.Repeat("\x00", 2000):   "",
	} {
		got := cut(given)
		assert.Equal(t, want, got)
		assert.True(t, utf8.ValidString(got))
	}
}

func TestIDs(t *testing.T) {
	text, made := newID()
	read, err := parse(text)
	require.NoError(t, err)
	assert.Equal(t, made, read)
	assert.Len(t, text, 2*len(rand.Text())+1)
	assert.NotEqual(t, made.id, made.secret)
	assert.True(t, isPart(rand.Text()))

	again, renewed := made.renewed()
	read, err = parse(again)
	require.NoError(t, err)
	assert.Equal(t, renewed, read)
	assert.Equal(t, made.id, renewed.id)
	assert.NotEqual(t, made.secret, renewed.secret)
	assert.True(t, renewed.proves(Record{Secret: renewed.secret}))
	assert.False(t, made.proves(Record{Secret: renewed.secret}))
	assert.False(t, presented{}.proves(Record{Secret: renewed.secret}))

	other, _ := newID()
	assert.NotEqual(t, text, other)
}
