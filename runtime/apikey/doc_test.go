package apikey

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The key that the documentation shows is of the form that it explains.
func TestKeyOfTheDocumentation(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	key := regexp.MustCompile(Pattern).FindString(string(text))
	prefix, id, err := Parse(key)
	require.NoError(t, err)
	assert.Equal(t, []string{"acme", "tGc3uXYzmD9wQ0Lb"}, []string{prefix, id})
}
