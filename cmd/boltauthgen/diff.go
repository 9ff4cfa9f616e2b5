package main

import (
	"fmt"
	"strings"

	"github.com/boltauthgen/boltauthgen/gen/diag"
)

const (
	maxDiffLines = 8   // of the old and of the new text, each
	maxDiffWidth = 120 // characters of a line, behind its indentation
	anchor       = 3   // equal lines that end a difference
	maxSearch    = 200 // lines that are searched for them
)

// shortDiff returns the first difference between two texts, in lines that begin with "-" and "+", below one that says where
// it is. It is nil where one of the texts is: then all of it differs.
func shortDiff(before, after []byte) []string {
	if before == nil || after == nil {
		return nil
	}
	a, b := lines(before), lines(after)
	same := len(commonLines(a, b))
	if same == len(a) && same == len(b) {
		return []string{"(only the end of the last line differs)"}
	}
	removed, added := difference(a[same:], b[same:])
	diff := []string{fmt.Sprintf("@@ line %d @@", same+1)}
	diff = appendLines(diff, "-", a[same:same+removed])
	return appendLines(diff, "+", b[same:same+added])
}

// commonLines returns the lines that both texts begin with.
func commonLines(a, b []string) []string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:n]
}

// difference returns how many lines of each text stand before the place where both go on alike, which is the nearest one where
// several lines do, or the end.
func difference(a, b []string) (removed, added int) {
	for sum := 1; sum <= maxSearch; sum++ {
		for removed := range sum + 1 {
			added := sum - removed
			if removed <= len(a) && added <= len(b) && alike(a[removed:], b[added:]) {
				return removed, added
			}
		}
	}
	return len(a), len(b)
}

// alike reports whether two texts begin with the same lines, enough of them for no accident, or are the same to the end.
func alike(a, b []string) bool {
	common := len(commonLines(a, b))
	return common >= anchor || common == len(a) && common == len(b)
}

func appendLines(diff []string, mark string, lines []string) []string {
	shown := min(len(lines), maxDiffLines)
	for _, line := range lines[:shown] {
		text := strings.TrimLeft(line, "\t")
		indent := line[:len(line)-len(text)]
		diff = append(diff, mark+cut(indent)+cut(diag.Printable(text)))
	}
	if rest := len(lines) - shown; rest > 0 {
		diff = append(diff, fmt.Sprintf("%s (%d more)", mark, rest))
	}
	return diff
}

// cut returns the text, shortened if it is long.
func cut(text string) string {
	if runes := []rune(text); len(runes) > maxDiffWidth {
		return string(runes[:maxDiffWidth]) + "..."
	}
	return text
}
