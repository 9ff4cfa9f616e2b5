package strictjson

import (
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A scanner goes over a text of valid UTF-8. Its methods are called at the
// first byte of what they read, and leave it behind the last.
type scanner struct {
	text    string
	pos     int
	depth   int  // of the objects and arrays that are open
	members int  // of all objects so far
	escapes bool // whether the last string had some

	maxMembers int
}

// skip goes over white space, of which tokens have hardly any.
func (s *scanner) skip() {
	if s.pos < len(s.text) && s.text[s.pos] <= ' ' {
		s.skipSpace()
	}
}

func (s *scanner) skipSpace() {
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

// take goes over the byte c, and reports whether it is there.
func (s *scanner) take(c byte) bool {
	if s.pos < len(s.text) && s.text[s.pos] == c {
		s.pos++
		return true
	}
	return false
}

// more goes to the next member or element, over a comma unless it is the first,
// or else over the closing bracket.
func (s *scanner) more(closing byte, first bool) (bool, error) {
	s.skip()
	if s.take(closing) {
		s.depth--
		return false, nil
	}
	if !first {
		if !s.take(',') {
			return false, ErrSyntax
		}
		s.skip()
	}
	return true, nil
}

// names are the names of one object's members so far.
type names struct {
	first [16]string // most objects have fewer, and need no allocation
	count int
	rest  []string
}

// add reports whether the name is new.
func (n *names) add(name string) bool {
	for i := range min(n.count, len(n.first)) {
		if n.first[i] == name {
			return false
		}
	}
	if slices.Contains(n.rest, name) {
		return false
	}
	if n.count < len(n.first) {
		n.first[n.count] = name
	} else {
		n.rest = append(n.rest, name)
	}
	n.count++
	return true
}

// name goes over a member's name, the colon, and the white space around it.
func (s *scanner) name(seen *names) (string, error) {
	if s.members++; s.members > s.maxMembers {
		return "", ErrMembers
	}
	name, err := s.contents()
	if err != nil {
		return "", err
	}
	if !seen.add(name) {
		return "", ErrDuplicate
	}
	if s.skip(); !s.take(':') {
		return "", ErrSyntax
	}
	s.skip()
	return name, nil
}

// value goes over a value of any type.
func (s *scanner) value() error {
	if s.pos == len(s.text) {
		return ErrSyntax
	}
	switch s.text[s.pos] {
	case '"':
		return s.string()
	case '{':
		return s.object()
	case '[':
		return s.array()
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	}
	return s.number()
}

func (s *scanner) literal(word string) error {
	if len(s.text)-s.pos < len(word) || s.text[s.pos:s.pos+len(word)] != word {
		return ErrSyntax
	}
	s.pos += len(word)
	return nil
}

// open goes over an opening bracket.
func (s *scanner) open() error {
	s.pos++
	if s.depth++; s.depth > MaxDepth {
		return ErrDepth
	}
	return nil
}

func (s *scanner) object() error {
	if err := s.open(); err != nil {
		return err
	}
	var seen names
	for first := true; ; first = false {
		if more, err := s.more('}', first); err != nil || !more {
			return err
		}
		if _, err := s.name(&seen); err != nil {
			return err
		}
		if err := s.value(); err != nil {
			return err
		}
	}
}

func (s *scanner) array() error {
	if err := s.open(); err != nil {
		return err
	}
	for first := true; ; first = false {
		if more, err := s.more(']', first); err != nil || !more {
			return err
		}
		if err := s.value(); err != nil {
			return err
		}
	}
}

// strings goes over an array of strings and returns them.
func (s *scanner) strings() (texts []string, err error) {
	if s.pos == len(s.text) || s.text[s.pos] != '[' {
		return nil, ErrSyntax
	}
	if err := s.open(); err != nil {
		return nil, err
	}
	for first := true; ; first = false {
		if more, err := s.more(']', first); err != nil || !more {
			return texts, err
		}
		text, err := s.contents()
		if err != nil {
			return nil, err
		}
		if first { // usually, there is one for each comma
			rest := s.text[s.pos:]
			commas := strings.Count(rest[:strings.IndexByte(rest, ']')+1], ",")
			texts = make([]string, 0, min(commas+1, 64))
		}
		texts = append(texts, text)
	}
}

// contents goes over a string, and returns it with its escapes resolved.
func (s *scanner) contents() (string, error) {
	start := s.pos
	if err := s.string(); err != nil {
		return "", err
	}
	if text := s.text[start+1 : s.pos-1]; !s.escapes {
		return text, nil
	} else {
		return unescape(text), nil
	}
}

// string goes over a string with its quotes.
func (s *scanner) string() error {
	if !s.take('"') {
		return ErrSyntax
	}
	s.escapes = false
	for {
		s.pos += plain(s.text[s.pos:])
		if s.pos == len(s.text) {
			return ErrSyntax
		}
		switch s.text[s.pos] {
		case '"':
			s.pos++
			return nil
		case '\\':
			s.escapes = true
			if err := s.escape(); err != nil {
				return err
			}
		default:
			return ErrSyntax // control character
		}
	}
}

// plain returns how many bytes of text stand for themselves in a string, before
// the first quote, backslash or control character.
func plain(text string) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	n := 0
	for ; len(text)-n >= 8; n += 8 { // eight at a time: most of a token's claims is strings
		x := load(text[n:])
		quote, backslash := x^('"'*ones), x^('\\'*ones)
		// The high bit of a byte is set where the byte is 0, or less than a space. A
		// borrow can set it in bytes behind such a one, but the first is true.
		special := ((quote-ones)&^quote | (backslash-ones)&^backslash | (x-' '*ones)&^x) & highs
		if special != 0 {
			return n + bits.TrailingZeros64(special)/8
		}
	}
	for ; n < len(text); n++ {
		if c := text[n]; c == '"' || c == '\\' || c < ' ' {
			break
		}
	}
	return n
}

// load returns the first eight bytes of text. The compiler makes one load of it.
func load(text string) uint64 {
	_ = text[7]
	return uint64(text[0]) | uint64(text[1])<<8 | uint64(text[2])<<16 | uint64(text[3])<<24 |
		uint64(text[4])<<32 | uint64(text[5])<<40 | uint64(text[6])<<48 | uint64(text[7])<<56
}

// escape goes over a backslash and what belongs to it.
func (s *scanner) escape() error {
	if s.pos+1 == len(s.text) {
		return ErrSyntax
	}
	switch s.text[s.pos+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.pos += 2
		return nil
	case 'u':
		r, size := escapedRune(s.text[s.pos:])
		if size == 0 {
			return ErrSyntax
		}
		if r == utf8.RuneError && size > 6 {
			return ErrSurrogate
		}
		s.pos += size
		return nil
	}
	return ErrSyntax
}

// number goes over a number.
func (s *scanner) number() error {
	start := s.pos
	s.take('-')
	if !s.take('0') && !s.digits() {
		return ErrSyntax
	}
	if s.take('.') && !s.digits() {
		return ErrSyntax
	}
	exponent := s.take('e') || s.take('E')
	if exponent {
		if !s.take('+') {
			s.take('-')
		}
		if !s.digits() {
			return ErrSyntax
		}
	}
	if number := s.text[start:s.pos]; exponent || len(number) > 300 {
		if _, err := strconv.ParseFloat(number, 64); err != nil {
			return ErrNumber
		}
	}
	return nil
}

// digits goes over digits, and reports whether there was one.
func (s *scanner) digits() bool {
	start := s.pos
	for s.pos < len(s.text) && '0' <= s.text[s.pos] && s.text[s.pos] <= '9' {
		s.pos++
	}
	return s.pos > start
}
