package diag

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable returns the text with everything escaped, as Go writes it in a literal, that does not show itself: control
// characters, bidirectional and other format characters, variation selectors, spaces other than the ordinary one, bytes that
// are not UTF-8.
// What it returns can neither steer a terminal nor break a line.
func Printable(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		b.WriteString(printableRune(r, text[:size]))
		text = text[size:]
	}
	return b.String()
}

// printableRune returns what stands for a character that was decoded from raw.
func printableRune(r rune, raw string) string {
	switch {
	case r == utf8.RuneError && len(raw) == 1:
		return fmt.Sprintf(`\x%02x`, raw[0])
	case unicode.IsPrint(r) && !isInvisible(r):
		return raw
	case unicode.IsPrint(r) && r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	case unicode.IsPrint(r):
		return fmt.Sprintf(`\U%08x`, r)
	}
	quoted := strconv.QuoteRune(r)
	return quoted[1 : len(quoted)-1]
}
