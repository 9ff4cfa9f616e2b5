package diag

import (
	"bytes"
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"
)

const byteOrderMark = "\ufeff"

// sourceLine returns the line of a file that pos is on, without its end and without a byte order mark, and where in it pos
// is: an index from 0 to the line's length, or -1 if pos has no column. It returns false if the file has no such line.
func sourceLine(src []byte, pos token.Position) (line string, at int, ok bool) {
	if src == nil || pos.Line < 1 {
		return "", 0, false
	}
	for range pos.Line - 1 {
		end := bytes.IndexByte(src, '\n')
		if end < 0 {
			return "", 0, false
		}
		src = src[end+1:]
	}
	if end := bytes.IndexByte(src, '\n'); end >= 0 {
		src = src[:end]
	}
	line, at = strings.TrimSuffix(string(src), "\r"), pos.Column-1
	if rest, found := strings.CutPrefix(line, byteOrderMark); found && pos.Line == 1 {
		line, at = rest, max(at-len(byteOrderMark), min(at, 0))
	}
	return line, min(at, len(line)), true
}

// extent returns the index at which what begins at line[at] ends. It is end where end is on the same line behind pos, the
// line's end where end is on a later one, and otherwise the end of the word at pos.
func extent(line string, at int, pos, end token.Position) int {
	switch {
	case end.Line > pos.Line:
		return len(line)
	case end.Line == pos.Line && end.Column > pos.Column:
		return min(at+end.Column-pos.Column, len(line))
	}
	return at + len(word(line[at:]))
}

// word returns the word that a text begins with: an identifier or number, a directive with its slashes, or else one character.
func word(text string) string {
	end := strings.IndexFunc(text, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if strings.HasPrefix(text, "//") {
		end = strings.IndexFunc(text, unicode.IsSpace)
	}
	switch {
	case end < 0:
		return text
	case end == 0:
		_, end = utf8.DecodeRuneInString(text)
	}
	return text[:end]
}
