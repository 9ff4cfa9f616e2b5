// Package leak is for tests: it looks for the credentials that they send in what comes out of the code under test.
//
// What authenticates is told apart by [Secret] and [Request], what comes out by [Answer], [Out] and [Log], and [Run] fails
// the tests of a package in the end if the two ever meet. All functions are safe for concurrent use.
package leak

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
)

// shortest is the length of the shortest secret that is looked for. What is shorter, "x" say, stands in any text by chance.
const shortest = 8

// longest is how much is looked for of a secret that is longer.
const longest = 4096

// mostFinds is how many finds are kept.
const mostFinds = 20

// A watch knows secrets, and what came out.
type watch struct {
	mu      sync.Mutex
	known   map[string]bool             // the secrets
	secrets map[[shortest]byte][]string // the same, by their first characters
	finds   []string
	read    int // bytes that came out
}

var all watch

// Secret has texts be looked for in all that comes out from now on: as they are, and as JSON and quotes write them.
func Secret(texts ...string) { all.add(texts...) }

func (w *watch) add(texts ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.secrets == nil {
		w.secrets, w.known = map[[shortest]byte][]string{}, map[string]bool{}
	}
	for _, text := range texts {
		text = text[:min(len(text), longest)]
		quoted, _ := json.Marshal(text) // strings always can be
		for _, form := range []string{text, string(quoted[1 : len(quoted)-1]), strings.Trim(fmt.Sprintf("%q", text), `"`)} {
			if len(form) < shortest || w.known[form] {
				continue
			}
			w.known[form] = true
			start := [shortest]byte([]byte(form))
			w.secrets[start] = append(w.secrets[start], strings.Clone(form))
		}
	}
}

// Request has the credentials of a request be secrets: what stands in Authorization, with and without its scheme, in
// cookies, in X-API-Key, and in Sec-WebSocket-Protocol. Call it before the request is served.
func Request(r *http.Request) {
	for _, name := range []string{"Authorization", "X-Api-Key", "Sec-Websocket-Protocol"} {
		for _, value := range r.Header.Values(name) {
			scheme, credential, _ := strings.Cut(value, " ")
			Secret(value, strings.TrimSpace(credential))
			if strings.EqualFold(scheme, "Basic") {
				secretOfBasic(credential)
			}
		}
	}
	for _, cookie := range r.Cookies() {
		Secret(cookie.Value)
	}
}

// secretOfBasic has a password be a secret.
func secretOfBasic(credential string) {
	text, _ := base64.StdEncoding.DecodeString(strings.TrimSpace(credential))
	_, password, _ := strings.Cut(string(text), ":")
	Secret(password)
}

// Answer looks at an answer that refuses or reports a failure: its header fields, cookies included, and its body.
// One that succeeds may hold credentials: it is where they come from.
func Answer(status int, header http.Header, body string) {
	if status < 400 {
		return
	}
	var text bytes.Buffer
	_ = header.Write(&text) // buffers do not fail
	Out("answer", text.String()+body)
}

// Out looks at something that came out: an event, metrics, the text of an error.
func Out(source, text string) { all.look(source, text) }

func (w *watch) look(source, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.read += len(text)
	for i := 0; i+shortest <= len(text) && len(w.finds) < mostFinds; i++ {
		for _, secret := range w.secrets[[shortest]byte([]byte(text[i:i+shortest]))] {
			if strings.HasPrefix(text[i:], secret) {
				w.finds = append(w.finds, fmt.Sprintf("%s holds the secret %q:\n\t%s", source, secret, strings.TrimSpace(text)))
				return
			}
		}
	}
}

// Error looks at an error, which may be nil.
func Error(err error) {
	if err != nil {
		Out("error", fmt.Sprintf("%v %+v %#v", err, err, err))
	}
}

// Log is where a test logs to, perhaps besides a buffer of its own.
func Log() io.Writer { return logWriter{} }

type logWriter struct{}

func (logWriter) Write(line []byte) (int, error) {
	Out("log", string(line))
	return len(line), nil
}

// Run runs the tests of a package, with all that is logged by default looked at, and returns the status to exit with: not
// 0 if a test failed or a secret came out.
func Run(m *testing.M) int {
	slog.SetDefault(slog.New(slog.NewTextHandler(Log(), &slog.HandlerOptions{Level: slog.LevelDebug})))
	code := m.Run()
	if report := all.report(); report != "" {
		fmt.Fprint(os.Stderr, report)
		return max(code, 1)
	}
	return code
}

// report returns what was found, which is nothing if all is well.
func (w *watch) report() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.finds) == 0 {
		return ""
	}
	return fmt.Sprintf("leak: %d finds in %d bytes that came out:\n%s\n", len(w.finds), w.read, strings.Join(w.finds, "\n"))
}
