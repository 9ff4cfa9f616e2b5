package diag

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestClosest(t *testing.T) {
	names := []string{"guard", "route", "backend", "provide", "prefix", "HasPermission", "HasAnyPermission", "HasAllPermissions"}
	for word, want := range map[string]string{
		"gaurd":               "guard",
		"gard":                "guard",
		"rout":                "route",
		"backends":            "backend",
		"HasPermissions":      "HasPermission",
		"HasAllPermission":    "HasAllPermissions",
		"HasAnyPermissions":   "HasAnyPermission",
		"x":                   "",
		"":                    "",
		"permission":          "",
		"something different": "",
	} {
		assert.Equal(t, want, Closest(word, names), word)
	}
	assert.Equal(t, "", Closest("x", nil))
	assert.Equal(t, "ab", Closest("abc", []string{"ab", "abcd"}), "the first of several wins")
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0},
		{"abc", "abd", 1}, {"abc", "ab", 1}, {"abc", "xabc", 1}, {"abc", "acb", 1}, {"ca", "abc", 3},
		{"漢字", "漢学", 1}, {"kitten", "sitting", 3},
	} {
		assert.Equal(t, tt.want, Distance(tt.a, tt.b), "%s, %s", tt.a, tt.b)
		assert.Equal(t, tt.want, Distance(tt.b, tt.a), "%s, %s", tt.b, tt.a)
	}
}
