package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"unicode/utf8"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// maxBody is the length of the longest request body that is read, in bytes.
const maxBody = 64 << 10

var (
	errBodyTooLarge = runtime.NewError(http.StatusRequestEntityTooLarge, fmt.Sprintf("The body is longer than %d bytes", maxBody), nil)
	errNotJSON      = runtime.NewError(http.StatusBadRequest, "The body is not a JSON object of strings", nil)
)

// readObject reads the request's body: one JSON object with a string for each of the fields, in any order, and nothing else. Names
// count as they are written, and once. Errors are safe to send, and are 400 or 413.
func readObject(w http.ResponseWriter, r *http.Request, fields map[string]*string) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return errBodyTooLarge
	}
	if err != nil {
		return runtime.NewError(http.StatusBadRequest, "The body ends early", err)
	}
	if !json.Valid(body) || !utf8.Valid(body) {
		return errNotJSON
	}
	return readFields(body, fields)
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
