package runtime_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Writers as middleware makes them.
type (
	// embedding is the plainest wrapper.
	embedding struct {
		http.ResponseWriter
		status int
	}
	// swallowing lets one status through, whatever it is: a probe with a status that is none would turn the answer into 200.
	swallowing struct {
		http.ResponseWriter
		wroteHeader bool
	}
	// unwrapping is what http.ResponseController wants of wrappers.
	unwrapping struct{ inner http.ResponseWriter }
	// gin keeps the status back and says so.
	gin struct {
		http.ResponseWriter
		status  int
		written bool
	}
	// chi embeds a wrapper by pointer.
	chi struct{ *embedding }
	// buffering keeps everything back until it is closed.
	buffering struct {
		http.ResponseWriter
		status int
		body   bytes.Buffer
	}
	// hiding lets nobody look inside.
	hiding struct{ inner http.ResponseWriter }
	// lambda is a writer of its own that knows no mistakes, as adapters for other servers have it.
	lambda struct {
		status int
		header http.Header
		body   bytes.Buffer
	}
)

func (w *embedding) WriteHeader(status int) { w.status = status; w.ResponseWriter.WriteHeader(status) }

func (w *swallowing) WriteHeader(status int) {
	if !w.wroteHeader {
		w.wroteHeader = true
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *unwrapping) Header() http.Header         { return w.inner.Header() }
func (w *unwrapping) WriteHeader(status int)      { w.inner.WriteHeader(status) }
func (w *unwrapping) Write(p []byte) (int, error) { return w.inner.Write(p) }
func (w *unwrapping) Unwrap() http.ResponseWriter { return w.inner }

func (w *gin) WriteHeader(status int) { w.status = status }
func (w *gin) Written() bool          { return w.written }
func (w *gin) Unwrap() http.ResponseWriter {
	return w.ResponseWriter
}
func (w *gin) Write(p []byte) (int, error) {
	if !w.written {
		w.written = true
		w.ResponseWriter.WriteHeader(w.status)
	}
	return w.ResponseWriter.Write(p)
}

func (w *buffering) WriteHeader(status int)      { w.status = status }
func (w *buffering) Write(p []byte) (int, error) { return w.body.Write(p) }
func (w *buffering) Written() bool               { return w.status != 0 || w.body.Len() > 0 }
func (w *buffering) close() {
	w.ResponseWriter.WriteHeader(w.status)
	_, _ = w.ResponseWriter.Write(w.body.Bytes())
}

func (w *hiding) Header() http.Header         { return w.inner.Header() }
func (w *hiding) WriteHeader(status int)      { w.inner.WriteHeader(status) }
func (w *hiding) Write(p []byte) (int, error) { return w.inner.Write(p) }

func (w *lambda) Header() http.Header         { return w.header }
func (w *lambda) WriteHeader(status int)      { w.status = status }
func (w *lambda) Write(p []byte) (int, error) { return w.body.Write(p) }

// Middleware by name, each with a writer of above.
var middlewares = map[string]func(http.Handler) http.Handler{
	"none":       func(h http.Handler) http.Handler { return h },
	"embedding":  wrapped(func(w http.ResponseWriter) http.ResponseWriter { return &embedding{ResponseWriter: w} }),
	"by value":   wrapped(func(w http.ResponseWriter) http.ResponseWriter { return struct{ http.ResponseWriter }{w} }),
	"swallowing": wrapped(func(w http.ResponseWriter) http.ResponseWriter { return &swallowing{ResponseWriter: w} }),
	"unwrapping": wrapped(func(w http.ResponseWriter) http.ResponseWriter { return &unwrapping{w} }),
	"gin":        wrapped(func(w http.ResponseWriter) http.ResponseWriter { return &gin{ResponseWriter: w, status: 200} }),
	"chi":        wrapped(func(w http.ResponseWriter) http.ResponseWriter { return &chi{&embedding{ResponseWriter: w}} }),
	"all": wrapped(func(w http.ResponseWriter) http.ResponseWriter {
		return &unwrapping{&chi{&embedding{ResponseWriter: &swallowing{ResponseWriter: &unwrapping{w}}}}}
	}),
	"buffering": func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			b := &buffering{ResponseWriter: w}
			h.ServeHTTP(b, r)
			b.close()
		})
	},
	"timeout": func(h http.Handler) http.Handler { return http.TimeoutHandler(h, time.Minute, "timeout") },
	"timeout inside of embedding": func(h http.Handler) http.Handler {
		return http.TimeoutHandler(wrapped(func(w http.ResponseWriter) http.ResponseWriter { return &embedding{ResponseWriter: w} })(h), time.Minute, "timeout")
	},
}

func wrapped(wrap func(http.ResponseWriter) http.ResponseWriter) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(wrap(w), r) })
	}
}

// failing is a handler that returns an error, after it has done something or nothing.
func failing(t testing.TB, before func(http.ResponseWriter), options ...runtime.Option) *service {
	return setup{add: open, options: options, handle: func(c *runtime.Call, w http.ResponseWriter, _ *http.Request) {
		before(w)
		c.Fail(runtime.ErrNotFound)
	}}.build(t)
}

// exchange serves the handler in one of several ways, sends a GET request, and returns the answer.
type exchange func(t *testing.T, h http.Handler) (status int, header http.Header, body string)

var exchanges = map[string]exchange{
	"recorder": func(_ *testing.T, h http.Handler) (int, http.Header, string) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		return w.Code, w.Result().Header, w.Body.String()
	},
	"HTTP/1.1": func(t *testing.T, h http.Handler) (int, http.Header, string) { return overNetwork(t, h, false) },
	"HTTP/2":   func(t *testing.T, h http.Handler) (int, http.Header, string) { return overNetwork(t, h, true) },
}

func overNetwork(t *testing.T, h http.Handler, http2 bool) (int, http.Header, string) {
	server := httptest.NewUnstartedServer(h)
	var complaints bytes.Buffer
	server.Config.ErrorLog = log.New(&complaints, "", 0)
	if http2 {
		server.EnableHTTP2 = true
		server.StartTLS()
	} else {
		server.Start()
	}
	response, err := server.Client().Get(server.URL)
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	if http2 {
		require.Equal(t, 2, response.ProtoMajor)
	}
	server.Close()
	assert.Empty(t, complaints.String(), "net/http found something to complain about")
	return response.StatusCode, response.Header, string(body)
}

// The answer to a handler's error: all of it if nothing was sent, none of it otherwise.
func TestFailAfterWriting(t *testing.T) {
	const problem = `{"type":"about:blank","title":"Not Found","status":404,"detail":"Not found"}`
	tests := []struct {
		name   string
		before func(http.ResponseWriter)
		status int
		body   string
		begun  bool
		unless string // middleware that this does not apply to
	}{
		{"nothing", func(http.ResponseWriter) {}, 404, problem, false, ""},
		{"headers", func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "1")
			w.Header().Set("Content-Type", "text/csv")
			w.Header().Set("Cache-Control", "public")
		}, 404, problem, false, ""},
		{"early hints", func(w http.ResponseWriter) { w.WriteHeader(http.StatusEarlyHints) }, 404, problem, false,
			// which take any status for the last one, or pass the first one only
			"recorder gin swallowing all buffering timeout"},
		{"status", func(w http.ResponseWriter) { w.WriteHeader(201) }, 201, "", true, "gin"}, // which has written nothing, yet
		{"status and body", func(w http.ResponseWriter) { w.WriteHeader(202); _, _ = io.WriteString(w, "partial") }, 202, "partial", true, ""},
		{"body", func(w http.ResponseWriter) { _, _ = io.WriteString(w, "partial") }, 200, "partial", true, "buffering"},
		{"flush", func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, "partial")
			_ = http.NewResponseController(w).Flush()
		}, 200, "partial", true, "buffering"},
	}
	for _, tt := range tests {
		for middleware, wrap := range middlewares {
			for server, exchange := range exchanges {
				if slicesContainWord(tt.unless, middleware) || slicesContainWord(tt.unless, server) || strings.HasPrefix(middleware, "timeout") && slicesContainWord(tt.unless, "timeout") {
					continue
				}
				t.Run(tt.name+"/"+middleware+"/"+server, func(t *testing.T) {
					s := failing(t, tt.before)
					status, header, body := exchange(t, wrap(s.api))
					assert.Equal(t, tt.status, status)
					assert.Equal(t, tt.body, body)
					if !tt.begun {
						assert.Equal(t, "application/problem+json", header.Get("Content-Type"))
						assert.Equal(t, "no-store", header.Get("Cache-Control"))
					}
					require.Equal(t, []runtime.Reason{runtime.ReasonNoCredentials, runtime.ReasonHandlerError}, s.reasons())
					assert.Equal(t, tt.begun, s.events[1].Begun)
					assert.Equal(t, 404, s.events[1].Status)
					assert.Equal(t, runtime.ErrNotFound, s.events[1].Err)
				})
			}
		}
	}
}

func slicesContainWord(words, word string) bool {
	for w := range strings.FieldsSeq(words) {
		if w == word {
			return true
		}
	}
	return false
}

// A writer that lets nobody look inside: an error before anything was sent is answered in full.
func TestFailBehindUnknownWriters(t *testing.T) {
	s := failing(t, func(http.ResponseWriter) {})

	recorder := httptest.NewRecorder()
	s.api.ServeHTTP(&hiding{recorder}, httptest.NewRequest("GET", "/", nil))
	assert.Equal(t, 404, recorder.Code)
	assert.Contains(t, recorder.Body.String(), "Not found")

	l := &lambda{header: http.Header{}}
	s.api.ServeHTTP(l, httptest.NewRequest("GET", "/", nil))
	assert.Equal(t, 404, l.status)
	assert.Contains(t, l.body.String(), "Not found")

	ring := &unwrapping{}
	ring.inner = &embedding{ResponseWriter: ring}
	sent, known := runtime.HeaderSent(ring)
	assert.False(t, sent || known)

	for name, w := range map[string]http.ResponseWriter{
		"nil inside":          &unwrapping{},
		"nil embedded":        &embedding{},
		"nil pointer inside":  &chi{},
		"typed nil":           (*embedding)(nil),
		"function":            writerFunc(nil),
		"field of other type": &fakeFields{nil, 1, "x", &struct{ wroteHeader []bool }{}},
	} {
		sent, known := runtime.HeaderSent(w)
		assert.False(t, sent || known, name)
	}
}

// fakeFields has fields of the names that are looked for, of other types.
type fakeFields struct {
	http.ResponseWriter
	wroteHeader int
	conn        string
	rws         *struct{ wroteHeader []bool }
}

type writerFunc func()

func (writerFunc) Header() http.Header       { return nil }
func (writerFunc) WriteHeader(int)           {}
func (writerFunc) Write([]byte) (int, error) { return 0, nil }

// A handler that took the connection over and then returns an error, as those of WebSockets do.
func TestFailAfterHijack(t *testing.T) {
	s := failing(t, func(w http.ResponseWriter) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if assert.NoError(t, err) {
			_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\n\r\nhello")
			_ = conn.Close()
		}
	})
	for name, wrap := range map[string]func(http.Handler) http.Handler{"none": middlewares["none"], "unwrapping": middlewares["unwrapping"]} {
		t.Run(name, func(t *testing.T) {
			var complaints bytes.Buffer
			done := make(chan struct{})
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer close(done)
				wrap(s.api).ServeHTTP(w, r)
			}))
			server.Config.ErrorLog = log.New(&complaints, "", 0)
			server.Start()
			conn, err := net.Dial("tcp", server.Listener.Addr().String())
			require.NoError(t, err)
			_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
			require.NoError(t, err)
			answer, err := io.ReadAll(bufio.NewReader(conn))
			require.NoError(t, err)
			<-done
			server.Close()
			assert.Equal(t, "HTTP/1.1 101 Switching Protocols\r\n\r\nhello", string(answer))
			assert.Empty(t, complaints.String())
			assert.True(t, s.events[len(s.events)-1].Begun)
		})
	}
}

// An error handler that answers, and one that does not: a refusal never becomes an implicit 200.
func TestErrorHandlerThatWritesNothing(t *testing.T) {
	silent := runtime.WithErrorHandler(func(http.ResponseWriter, *http.Request, error) {})
	loud := runtime.WithErrorHandler(func(w http.ResponseWriter, _ *http.Request, err error) {
		w.WriteHeader(418)
		_, _ = io.WriteString(w, err.Error())
	})
	refusing := func(option runtime.Option) *service {
		return setup{backends: []runtime.Authenticator{refuses(errForged)}, options: []runtime.Option{option}}.build(t)
	}
	for middleware, wrap := range middlewares {
		for server, exchange := range exchanges {
			t.Run(middleware+"/"+server, func(t *testing.T) {
				status, header, body := exchange(t, wrap(refusing(silent).api))
				assert.Equal(t, 401, status)
				assert.Equal(t, "refuses", header.Get("Www-Authenticate"))
				assert.Contains(t, body, "Authentication required")

				status, header, body = exchange(t, wrap(refusing(loud).api))
				assert.Equal(t, 418, status)
				assert.Equal(t, "no-store", header.Get("Cache-Control"))
				assert.Equal(t, "refuses", header.Get("Www-Authenticate"))
				assert.Equal(t, "401 Unauthorized: Authentication required: invalid credentials: forged", body)
			})
		}
	}
	// Behind a writer that does not tell, the status at least is sure.
	for _, inner := range []http.ResponseWriter{httptest.NewRecorder(), &lambda{header: http.Header{}}} {
		w := &embedding{ResponseWriter: &hiding{inner}}
		refusing(silent).api.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		assert.Equal(t, 401, w.status)
	}
	recorder := httptest.NewRecorder()
	refusing(loud).api.ServeHTTP(&hiding{recorder}, httptest.NewRequest("GET", "/", nil))
	assert.Equal(t, 418, recorder.Code)
	assert.Equal(t, "401 Unauthorized: Authentication required: invalid credentials: forged", recorder.Body.String())
}

// An error handler that panics: the connection ends, nothing is served, and the observer was told once.
func TestErrorHandlerThatPanics(t *testing.T) {
	boom := errors.New("boom")
	option := runtime.WithErrorHandler(func(http.ResponseWriter, *http.Request, error) { panic(boom) })
	for name, u := range map[string]setup{
		"in Enter": {backends: []runtime.Authenticator{refuses(errForged)}},
		"in Deny":  {add: open, check: func(c *runtime.Call, _ *http.Request) bool { c.Deny(); return false }},
		"in Fail":  {add: open, check: func(*runtime.Call, *http.Request) bool { panic("guard") }},
	} {
		t.Run(name, func(t *testing.T) {
			u.options = []runtime.Option{option}
			s := u.build(t)
			assert.PanicsWithValue(t, boom, func() { s.get() })
			assert.Zero(t, s.served)
			assert.Len(t, s.events, 1)
		})
	}
}
