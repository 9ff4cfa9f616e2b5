package directive

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/boltauthgen/boltauthgen/gen/diag"
)

// tool is the part of a directive before the colon.
const tool = "auth"

var (
	// spaced matches a comment whose text begins like a directive, whatever stands in between: "// auth:guard",
	// "//auth: guard", "/* auth:guard", "//@auth:guard", "///auth:guard". Two slashes behind white space are a
	// directive shown in documentation.
	spaced = regexp.MustCompile(`^(?://+|/\*+)[\s!#@*+]*(?i:auth)\s*[:：]\s*([\pL\pN_-]*)`)

	// separated matches a wrong character, or none, for the colon, with nothing before the tool: "//auth guard",
	// "//auth.guard", "//authguard".
	separated = regexp.MustCompile(`^//(?i:auth)[\s.,;=/_-]*([\pL_]+)`)

	// directiveLike matches //TOOL:NAME as Go's own directives are written.
	directiveLike = regexp.MustCompile(`^//\s?([\pL\pN]+):([\pL\pN_-]+)`)
)

// nearMiss reports whether a comment that is no directive looks like one: the part of it that does, and the words that mend
// it.
func nearMiss(text string) (offset int, miss, hint string, found bool) {
	for line := range strings.Lines(text) {
		miss, checked := strings.TrimSpace(line), line
		if offset > 0 { // a later line of a block comment
			miss = strings.TrimLeft(miss, " \t*")
			checked = "/*" + miss
		}
		if hint, found := nearMissLine(checked); found {
			return offset + strings.Index(line, miss), miss, hint, true
		}
		offset += len(line)
	}
	return 0, "", "", false
}

func nearMissLine(line string) (hint string, found bool) {
	plain := Latin(line)
	if m := spaced.FindStringSubmatch(plain); m != nil {
		switch name, _ := closest(m[1]); {
		case name != "":
			return write(name), true
		case strings.HasPrefix(plain, "//"+tool+":"): // nothing else is written so
			return "the directives are " + list(names, "and"), true
		}
	}
	if m := separated.FindStringSubmatch(plain); m != nil {
		if name, exact := closest(m[1]); exact {
			return write(name), true
		}
	}
	if m := directiveLike.FindStringSubmatch(plain); m != nil && m[1] != tool {
		name, exact := closest(m[2])
		if d := diag.Distance(strings.ToLower(m[1]), tool); exact && (d <= 2 || strings.Contains(strings.ToLower(m[1]), tool)) {
			return write(name), true
		}
	}
	return "", false
}

func write(name string) string {
	if specs[name].arguments == "" {
		return fmt.Sprintf("did you mean //%s:%s", tool, name)
	}
	return fmt.Sprintf("did you mean //%s:%s …", tool, name)
}

// closest returns the directive whose name is nearest to a word, "" if none is near.
func closest(word string) (name string, exact bool) {
	word = strings.ToLower(word)
	if _, ok := specs[word]; ok {
		return word, true
	}
	return diag.Closest(word, names), false
}

func didYouMean(word string) string {
	if name, _ := closest(word); name != "" {
		return write(name)
	}
	for _, name := range names { // "guard:IsStaff()", "guardIsStaff()"
		if strings.HasPrefix(word, name) {
			return write(name)
		}
	}
	return "the directives are " + list(names, "and")
}

// Latin drops characters that cannot be seen and replaces letters of other alphabets that look like those of the word
// auth, of the directives' names and of the built-in guards.
func Latin(s string) string {
	return strings.Map(func(r rune) rune {
		if isInvisible(r) {
			return -1
		}
		if l, ok := lookAlikes[r]; ok {
			return l
		}
		return r
	}, s)
}

var lookAlikes = map[rune]rune{
	'а': 'a', 'с': 'c', 'ԁ': 'd', 'е': 'e', 'ɡ': 'g', 'һ': 'h', 'і': 'i', 'о': 'o', 'ο': 'o', 'р': 'p', 'ρ': 'p',
	'ѕ': 's', 'т': 't', 'υ': 'u', 'ս': 'u', 'ν': 'v', 'α': 'a', 'х': 'x', 'ⅿ': 'm', 'ո': 'n',
	'А': 'A', 'Α': 'A', 'Н': 'H', 'Η': 'H', 'І': 'I', 'Ι': 'I', 'Ӏ': 'I', 'Р': 'P', 'Ρ': 'P', 'Ѕ': 'S', 'Ս': 'U',
	'ӏ': 'l', 'у': 'y', 'ԝ': 'w', 'ι': 'i',
}

// hiddenCharacter returns the offset of the first character that a reader cannot see or that reorders what they see, or -1.
func hiddenCharacter(text string) (offset int, char rune) {
	for i, r := range text {
		if isInvisible(r) || r == unicode.ReplacementChar {
			return i, r
		}
	}
	return -1, 0
}

// isInvisible reports whether a character shows nothing: those of the Unicode categories Cf, Cc, Zl and Zp but for the tab,
// and those that count as letters and marks and are blank all the same, such as Hangul fillers.
func isInvisible(r rune) bool {
	const brailleBlank = '\u2800'
	return r != '\t' && unicode.In(r, unicode.Cf, unicode.Cc, unicode.Zl, unicode.Zp,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) || r == brailleBlank
}
