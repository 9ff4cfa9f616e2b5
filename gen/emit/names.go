package emit

import (
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// names is a set of names that are in use.
type names map[string]bool

func (n names) add(all ...string) {
	for _, name := range all {
		n[name] = true
	}
}

// pick returns the first candidate that is free, or the first one with the smallest free number behind it, and takes it.
// Keywords and predeclared names are never free.
func (n names) pick(candidates ...string) string {
	free := func(name string) bool {
		return !n[name] && token.IsIdentifier(name) && types.Universe.Lookup(name) == nil
	}
	for _, c := range candidates {
		if free(c) {
			n[c] = true
			return c
		}
	}
	for i := 2; ; i++ {
		if c := candidates[0] + strconv.Itoa(i); free(c) {
			n[c] = true
			return c
		}
	}
}

// identifier makes a Go name from a prefix and any text: "perm", "blog.view_article" give permBlogViewArticle.
func identifier(prefix, text string) string {
	var s strings.Builder
	s.WriteString(prefix)
	upper := true
	for _, r := range text {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			upper = true
		case upper:
			s.WriteRune(unicode.ToUpper(r))
			upper = false
		default:
			s.WriteRune(r)
		}
	}
	return s.String()
}

func sortedKeys(m map[string]string) []string {
	return slices.Sorted(maps.Keys(m))
}
