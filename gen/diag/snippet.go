package diag

import (
	"strings"
	"unicode/utf8"
)

const (
	maxColumns = 120   // of a source line that is shown; a longer one is cut
	leadingCut = 40    // columns that are left before the caret where the beginning is cut off
	tabColumns = 8     // of a tab, at most; only for the decision whether and where to cut
	cutMark    = "..." // stands where a line was cut
)

// A cell is one character of a source line as it is shown.
type cell struct {
	text  string // printable, but for a tab
	width int    // columns; 0 for a combining character
	end   int    // index in the line behind it
}

func (c cell) isTab() bool { return c.text == "\t" }

// room returns the columns that are set aside for the cell where a line is cut. A combining character counts too, so that a
// heap of them is cut as well.
func (c cell) room() int {
	if c.isTab() {
		return tabColumns
	}
	return max(c.width, 1)
}

func cells(line string) []cell {
	list := make([]cell, 0, len(line))
	for at := 0; at < len(line); {
		r, size := utf8.DecodeRuneInString(line[at:])
		raw := line[at : at+size]
		at += size
		c := cell{text: raw, end: at}
		if r != '\t' {
			if c.text = printableRune(r, raw); c.text == raw {
				c.width = columns(r)
			} else {
				c.width = len(c.text)
			}
		}
		list = append(list, c)
	}
	return list
}

// snippet returns a source line and the line to put below it, which underlines what stands between the indexes at and end
// of the line; that may be nothing at its end. Both are printable, but for tabs: those before the caret stand in both, so
// that it lines up whatever the width of a tab.
func snippet(line string, at, end int) (source, underline string) {
	list := cells(line)
	first, last := span(list, at, end)
	from, to := window(list, first)

	var src, mark strings.Builder
	if from > 0 {
		src.WriteString(cutMark)
		mark.WriteString(strings.Repeat(" ", len(cutMark)))
	}
	for _, c := range list[from:to] {
		src.WriteString(c.text)
	}
	for _, c := range list[from:first] {
		mark.WriteString(blank(c))
	}
	mark.WriteString(caret(list[first:max(first, min(last, to))]))
	if to < len(list) {
		src.WriteString(cutMark)
	}
	return src.String(), mark.String()
}

// span returns the range of the cells that stand between the indexes at and end of the line. It begins with a character
// that others combine with, not with one of those.
func span(list []cell, at, end int) (first, last int) {
	for first < len(list) && list[first].end <= at {
		first++
	}
	for last = first; last < len(list) && (list[last].end <= end || list[last].width == 0 && !list[last].isTab()); {
		last++
	}
	for first > 0 && first < len(list) && list[first].width == 0 && !list[first].isTab() {
		first--
	}
	return first, last
}

// window returns the range of cells that are shown: all if they fit, otherwise as many as fit around the cell at focus.
func window(list []cell, focus int) (from, to int) {
	room := 0
	for _, c := range list {
		room += c.room()
	}
	if room <= maxColumns {
		return 0, len(list)
	}
	from = focus
	for lead := leadingCut; from > 0 && lead >= list[from-1].room(); from-- {
		lead -= list[from-1].room()
	}
	left := maxColumns
	for to = from; to < len(list) && left >= list[to].room(); to++ {
		left -= list[to].room()
	}
	for ; from > 0 && left >= list[from-1].room(); from-- { // the line's end leaves room before the caret
		left -= list[from-1].room()
	}
	return from, to
}

// blank returns what takes the cell's place on the line below.
func blank(c cell) string {
	if c.isTab() {
		return "\t"
	}
	return strings.Repeat(" ", c.width)
}

// caret returns the underlining of the cells. A tab inside is a gap, since its width is the terminal's; at one in the
// beginning the underlining ends, since what follows could not be made to line up.
func caret(list []cell) string {
	if len(list) == 0 || list[0].isTab() {
		return "^"
	}
	var b strings.Builder
	b.WriteString("^" + strings.Repeat("~", max(list[0].width-1, 0)))
	for _, c := range list[1:] {
		if c.isTab() {
			b.WriteByte('\t')
		} else {
			b.WriteString(strings.Repeat("~", c.width))
		}
	}
	return strings.TrimRight(b.String(), "\t")
}
