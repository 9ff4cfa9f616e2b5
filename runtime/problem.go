package runtime

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// outage is what the answer to an outage suggests to wait, if nothing else is said.
const outage = 5 * time.Second

// A problem is a problem document (RFC 9457 section 3). With the type about:blank its title is the text of the status.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
}

// answer answers the request with an error: through the application's error handler, or with a problem document.
// Nothing must have been sent before. Whatever an error handler leaves out, the answer ends up with the status of a
// failure.
func (a *API) answer(w http.ResponseWriter, r *http.Request, e *Error) {
	header := w.Header()
	header.Del("Content-Length") // it may be that of an answer which a handler began to prepare
	header.Set("Cache-Control", "no-store")
	if wait := e.retryAfter(); wait > 0 && header.Get("Retry-After") == "" {
		header.Set("Retry-After", strconv.FormatInt(int64((wait+time.Second-1)/time.Second), 10))
	}
	if a.errorHandler != nil {
		a.errorHandler(w, r, e)
		sent, known := headerSent(w)
		if sent {
			return
		}
		if !known {
			w.WriteHeader(e.Status) // superfluous, and ignored, if the error handler has sent one
			return
		}
	}
	writeProblem(w, r, e)
}

// retryAfter returns how long the client should wait, and 0 if nothing is said.
func (e *Error) retryAfter() time.Duration {
	if e.RetryAfter == 0 && e.Status == http.StatusServiceUnavailable {
		return outage
	}
	return e.RetryAfter
}

// writeProblem answers the request with a problem document.
func writeProblem(w http.ResponseWriter, r *http.Request, e *Error) {
	// Strings and a number always encode.
	body, _ := json.Marshal(problem{Type: "about:blank", Title: e.title(), Status: e.Status, Detail: e.Detail})
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	writeBody(w, r, e.Status, body)
}

// writeBody sends the status and the body, or where the method is HEAD, what goes with the body.
func writeBody(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	if w.Header().Get("Content-Encoding") == "" { // else middleware is about to change the length
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // there is nobody left to tell
	}
}
