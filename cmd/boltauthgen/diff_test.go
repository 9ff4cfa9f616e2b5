package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// numbered returns lines with the numbers from first to last.
func numbered(first, last int) string {
	var b strings.Builder
	for i := first; i <= last; i++ {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.String()
}

func TestShortDiff(t *testing.T) {
	for _, tt := range []struct{ name, before, after, want string }{
		{"replaced", "a\nb\nc\n", "a\nx\nc\n", "@@ line 2 @@\n-b\n+x"},
		{"inserted", numbered(1, 9), numbered(1, 3) + "x\n" + numbered(4, 9), "@@ line 4 @@\n+x"},
		{"deleted", numbered(1, 9), numbered(1, 3) + numbered(5, 9), "@@ line 4 @@\n-line 4"},
		{"only the first difference", "x\n" + numbered(1, 9) + "y\n", numbered(1, 9), "@@ line 1 @@\n-x"},
		{"appended", "a\n", "a\nb\n", "@@ line 2 @@\n+b"},
		{"emptied", "a\n", "", "@@ line 1 @@\n-a"},
		{"a line that recurs does not end the difference", "a\n}\nb\n}\n}\nc\n", "x\n}\ny\n}\n}\nc\n", "@@ line 1 @@\n-a\n-}\n-b\n+x\n+}\n+y"},
		{"cut", numbered(1, 20), "x\n", "@@ line 1 @@\n-" + strings.ReplaceAll(numbered(1, 8), "\nl", "\n-l") + "- (12 more)\n+x"},
		{"too far apart", numbered(1, 300), numbered(301, 600), "@@ line 1 @@\n-" +
			strings.ReplaceAll(numbered(1, 8), "\nl", "\n-l") + "- (292 more)\n+" + strings.ReplaceAll(numbered(301, 308), "\nl", "\n+l") + "+ (292 more)"},
		{"CRLF", "a\r\nb\r\n", "a\nb\n", "@@ line 1 @@\n-a\\r\n-b\\r\n+a\n+b"},
		{"only the last newline", "a\nb", "a\nb\n", "(only the end of the last line differs)"},
		{"a long line", strings.Repeat("é", 1000), "a\n", "@@ line 1 @@\n-" + strings.Repeat("é", 120) + "...\n+a"},
		{"hostile", "\t\ta\x1b[2J\n", "\t\ta\n", "@@ line 1 @@\n-\t\ta\\x1b[2J\n+\t\ta"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, strings.Join(shortDiff([]byte(tt.before), []byte(tt.after)), "\n"))
		})
	}
	assert.Nil(t, shortDiff(nil, []byte("a\n")))
	assert.Nil(t, shortDiff([]byte("a\n"), nil))
}
