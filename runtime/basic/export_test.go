package basic

import (
	"fmt"
	"strings"
)

// Holds reports whether the text is anywhere in what the backend remembers.
func (b *Backend) Holds(text string) bool {
	var all strings.Builder
	for d, e := range b.memory.entries {
		fmt.Fprintf(&all, "%s %+v %v %v", d[:], *e, e.principal.UserID(), e.principal.Permissions())
	}
	for _, e := range b.memory.oldest {
		fmt.Fprintf(&all, "%+v", *e)
	}
	fmt.Fprintf(&all, "%+v", b.memory.flights)
	return strings.Contains(all.String(), text)
}
