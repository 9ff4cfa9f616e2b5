package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"unicode/utf8"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// maxBody is the length of the longest request body that is read, in bytes.
const maxBody = 64 << 10

var (
	errBodyTooLarge = runtime.NewError(http.StatusRequestEntityTooLarge, fmt.Sprintf("The body is longer than %d bytes", maxBody), nil)
	errNotJSON      = runtime.NewError(http.StatusBadRequest, "The body is not a JSON object of strings", nil)
	errNotForm      = runtime.NewError(http.StatusBadRequest, "The body is not a form with the fields of this one", nil)
)

// readObject reads the request's body: one JSON object with a string for each of the fields, in any order, and nothing else. Names
// count as they are written, and once. Errors are safe to send, and are 400 or 413.
func readObject(w http.ResponseWriter, r *http.Request, fields map[string]*string) error {
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	if !json.Valid(body) || !utf8.Valid(body) {
		return errNotJSON
	}
	return readFields(body, fields)
}

// A login is what somebody claims to be, and how they prove it.
type login struct {
	username, password string
	remember           bool
}

func (l *login) fields() map[string]*string {
	return map[string]*string{"username": &l.username, "password": &l.password}
}

// readLogin reads a login that is a JSON object or a form.
func readLogin(w http.ResponseWriter, r *http.Request) (login, error) {
	var l login
	if !isForm(r) {
		return l, readObject(w, r, l.fields())
	}
	var remember string
	fields := l.fields()
	fields["remember"] = &remember
	err := readForm(w, r, fields, "remember")
	l.remember = remember != ""
	return l, err
}

// isForm reports whether the body says that it is a form, and is no JSON object: curl -d says that of everything.
func isForm(r *http.Request) bool {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" {
		return false
	}
	body := bufio.NewReader(r.Body)
	first, _ := body.Peek(1)
	r.Body = struct {
		io.Reader
		io.Closer
	}{body, r.Body}
	return string(first) != "{"
}

// readForm reads the request's body: a form with each of the fields once, those that may be missing but for them, and nothing else.
// Errors are as those of readObject.
func readForm(w http.ResponseWriter, r *http.Request, fields map[string]*string, mayLack ...string) error {
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	values, err := url.ParseQuery(string(body))
	if err != nil || !utf8.Valid(body) {
		return errNotForm
	}
	for name, texts := range values {
		field, known := fields[name]
		if !known || len(texts) != 1 || !utf8.ValidString(texts[0]) {
			return errNotForm
		}
		*field = texts[0]
	}
	for name := range fields {
		if !values.Has(name) && !slices.Contains(mayLack, name) {
			return runtime.NewError(http.StatusBadRequest, "The form lacks the field "+name, nil)
		}
	}
	return nil
}

// readBody reads the whole body.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, errBodyTooLarge
	}
	if err != nil {
		return nil, runtime.NewError(http.StatusBadRequest, "The body ends early", err)
	}
	return body, nil
}

// readFields reads the members of a valid JSON text, which may not be an object. It goes token by token, since json.Unmarshal would take
// the last of two members with one name, and a Password for a password.
func readFields(text []byte, fields map[string]*string) error {
	tokens := json.NewDecoder(bytes.NewReader(text))
	if first, _ := tokens.Token(); first != json.Delim('{') {
		return errNotJSON
	}
	seen := map[string]bool{}
	for tokens.More() {
		name, _ := tokens.Token()
		value, _ := tokens.Token()
		member, _ := name.(string)
		field, known := fields[member]
		text, isString := value.(string)
		switch {
		case !known:
			return runtime.NewError(http.StatusBadRequest, "The body has a field that is not known", nil)
		case seen[member]:
			return runtime.NewError(http.StatusBadRequest, "The body has the field "+member+" twice", nil)
		case !isString:
			return runtime.NewError(http.StatusBadRequest, "The field "+member+" is not a string", nil)
		}
		*field, seen[member] = text, true
	}
	for member := range fields {
		if !seen[member] {
			return runtime.NewError(http.StatusBadRequest, "The body lacks the field "+member, nil)
		}
	}
	return nil
}
