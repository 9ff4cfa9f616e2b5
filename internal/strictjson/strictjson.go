// Package strictjson reads JSON objects that decide about security. It accepts
// a subset of RFC 8259 on which no two readers can disagree, in the spirit of
// I-JSON (RFC 7493):
//
//   - one object with nothing but white space around it;
//   - valid UTF-8, and no escaped lone surrogates, so that no two different
//     texts turn into the same string;
//   - no duplicate names, at any depth, after escapes are resolved;
//   - no number beyond the range of a float64;
//   - at most [MaxDepth] levels and [MaxMembers] members.
//
// Names are compared byte by byte. Reading does not allocate unless a string
// with escapes is asked for, or an object has unusually many members.
package strictjson

import (
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// MaxDepth is the number of objects and arrays that may contain each other.
	MaxDepth = 32
	// MaxMembers is the number of members that all objects of a text may have
	// together. It bounds the search for duplicates, which compares each name
	// with all others.
	MaxMembers = 256
)

// What a text can be refused for. The errors never quote the text.
var (
	ErrSyntax    = errors.New("not a JSON object")
	ErrEncoding  = errors.New("not valid UTF-8")
	ErrSurrogate = errors.New("escaped lone surrogate")
	ErrDuplicate = errors.New("duplicate name")
	ErrNumber    = errors.New("number out of range")
	ErrDepth     = errors.New("nested too deeply")
	ErrMembers   = errors.New("too many members")
)

// An Object reads the members of a JSON object in the order of the text, after
// Open. The text is accepted only when Next has returned false and Err returns nil: until
// then an error may follow.
type Object struct {
	scanner scanner
	names   names
	name    string
	value   Value
	state   state
	err     error
}

type state uint8

const (
	opening state = iota // before the first member
	before               // at a member's value
	behind               // behind it
	closed               // behind the object, or failed
)

// Open makes o, which must be zero, the reader of a text.
func (o *Object) Open(text string) { o.OpenLarge(text, MaxMembers) }

// OpenLarge is Open for a text whose objects may have another number of members
// together than [MaxMembers]. What has more members than that is not to be
// decoded.
func (o *Object) OpenLarge(text string, maxMembers int) {
	o.scanner = scanner{text: text, maxMembers: maxMembers}
	if !utf8.ValidString(text) {
		o.fail(ErrEncoding)
	}
}

// Next goes to the next member and reports whether there is one.
func (o *Object) Next() bool {
	o.Value() // goes over it, if nobody has
	if o.state == closed {
		return false
	}
	more, err := o.next()
	if err != nil {
		o.fail(err)
		return false
	}
	if o.state = before; !more {
		o.state = closed
	}
	return more
}

func (o *Object) next() (more bool, err error) {
	s := &o.scanner
	if o.state == opening {
		if s.skip(); !s.take('{') {
			return false, ErrSyntax
		}
		s.depth = 1
	}
	more, err = s.more('}', o.state == opening)
	if err != nil {
		return false, err
	}
	if !more {
		if s.skip(); s.pos != len(s.text) {
			return false, ErrSyntax // trailing data
		}
		return false, nil
	}
	o.name, err = s.name(&o.names)
	return true, err
}

func (o *Object) fail(err error) {
	o.err, o.state, o.value = err, closed, ""
}

// Name returns the name of the member, escapes resolved.
func (o *Object) Name() string { return o.name }

// Value returns the value of the member. It is empty, and Err returns an error,
// if the text is wrong there.
func (o *Object) Value() Value {
	if o.state == before {
		start := o.scanner.pos
		if err := o.scanner.value(); err != nil {
			o.fail(err)
			return ""
		}
		o.value, o.state = Value(o.scanner.text[start:o.scanner.pos]), behind
	}
	return o.value
}

// Strings returns the elements of the member's value, which must be an array of
// strings; ok is false, and Err returns an error, if it is not. It is to be
// called once, and instead of Value. The slice is nil for an empty array.
func (o *Object) Strings() (texts []string, ok bool) {
	if o.state != before {
		return nil, false
	}
	texts, err := o.scanner.strings()
	if err != nil {
		o.fail(err)
		return nil, false
	}
	o.state = behind
	return texts, true
}

// Err returns why the text was refused, and nil if it was not.
func (o *Object) Err() error { return o.err }

// Decode returns the members of an object as encoding/json does with UseNumber:
// numbers are json.Number, arrays []any, objects map[string]any. Strings share the
// memory of the text.
func Decode(text string) (map[string]any, error) {
	members := make(map[string]any)
	var o Object
	o.Open(text)
	for o.Next() {
		members[o.Name()] = o.Value().Decode()
	}
	if err := o.Err(); err != nil {
		return nil, err
	}
	return members, nil
}

// Accepted is the text of an object that was read to its end without an error.
type Accepted string

// Decode returns the members as the function [Decode] does. They are nil if the
// text is not one that is accepted.
func (a Accepted) Decode() map[string]any {
	members, _ := Decode(string(a))
	return members
}

// A Value is the text of a JSON value that an [Object] has accepted.
type Value string

// IsNull reports whether v is null.
func (v Value) IsNull() bool { return v == "null" }

// Bool returns the value of true and false; ok is false for anything else.
func (v Value) Bool() (value, ok bool) { return v == "true", v == "true" || v == "false" }

// Number returns the text of a number; ok is false for anything else.
func (v Value) Number() (text string, ok bool) {
	if v == "" || v[0] != '-' && (v[0] < '0' || v[0] > '9') {
		return "", false
	}
	return string(v), true
}

// String returns the contents of a string, escapes resolved; ok is false for
// anything else.
func (v Value) String() (text string, ok bool) {
	if len(v) < 2 || v[0] != '"' {
		return "", false
	}
	return unescape(string(v[1 : len(v)-1])), true
}

// IsArray reports whether v is an array.
func (v Value) IsArray() bool { return v != "" && v[0] == '[' }

// Elements calls yield for the elements of an array, until it returns false.
// For anything but an array it calls nothing.
func (v Value) Elements(yield func(Value) bool) {
	if !v.IsArray() {
		return
	}
	s := scanner{text: string(v), pos: 1, maxMembers: len(v)} // they have been counted
	for first := true; ; first = false {
		more, err := s.more(']', first)
		if err != nil || !more {
			return
		}
		start := s.pos
		if s.value() != nil || !yield(Value(s.text[start:s.pos])) {
			return
		}
	}
}

// Decode returns the value as the function [Decode] does.
func (v Value) Decode() any {
	switch {
	case v == "" || v.IsNull():
		return nil
	case v[0] == '"':
		text, _ := v.String()
		return text
	case v[0] == '{':
		members, _ := Decode(string(v)) // accepted once, so accepted again
		return members
	case v[0] == '[':
		elements := []any{}
		for element := range v.Elements {
			elements = append(elements, element.Decode())
		}
		return elements
	}
	if value, ok := v.Bool(); ok {
		return value
	}
	return json.Number(v)
}

// unescape resolves the escapes of a string that has been scanned.
func unescape(text string) string {
	at := strings.IndexByte(text, '\\')
	if at < 0 {
		return text
	}
	out := make([]byte, at, len(text))
	copy(out, text)
	for at < len(text) {
		c := text[at]
		if c != '\\' {
			out = append(out, c)
			at++
			continue
		}
		switch c = text[at+1]; c {
		case 'u':
			r, size := escapedRune(text[at:])
			out = utf8.AppendRune(out, r)
			at += size
			continue
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		}
		out = append(out, c)
		at += 2
	}
	return string(out)
}

// escapedRune reads \uXXXX, or a pair of them that is one character, at the
// beginning of text. The size is 0 if that is not what text begins with, and
// the rune is utf8.RuneError, with a size, for a lone surrogate.
func escapedRune(text string) (r rune, size int) {
	r, ok := hex4(text)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	low, _ := hex4(text[6:])
	return utf16.DecodeRune(r, low), 12
}

// hex4 reads \uXXXX at the beginning of text.
func hex4(text string) (r rune, ok bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	for _, c := range []byte(text[2:6]) {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
