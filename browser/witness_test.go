package browser

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A witness is a server that keeps what it was asked for.
type witness struct {
	url string

	mu       sync.Mutex
	requests []request
}

// A request is what came from the browser, and what became of it.
type request struct {
	method, path string
	cookie       bool   // whether the session's was there
	origin, site string // the fields Origin and Sec-Fetch-Site
	status       int
	location     string // of a redirect
}

// newWitness stands in front of a handler until the test ends.
func newWitness(t *testing.T, handler http.Handler) *witness {
	t.Helper()
	w := &witness{}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(&recorder{ResponseWriter: rw, witness: w, request: r}, r)
	}))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections) // first: WebSockets do not end by themselves
	w.url = server.URL
	return w
}

// newBlogWitness stands in front of the program of examples/annotated.
func newBlogWitness(t *testing.T) *witness {
	t.Helper()
	program, err := url.Parse(startBlog(t))
	require.NoError(t, err)
	return newWitness(t, &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(program)
			r.Out.Host = r.In.Host // whether a page of the server's own asks is decided by it
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { // without a word: tabs go elsewhere meanwhile
			w.WriteHeader(http.StatusBadGateway)
		},
	})
}

// await waits for an answer to a request of this method for this path, and forgets it and those before.
func (w *witness) await(t *testing.T, method, path string) request {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if r, ok := w.take(method, path); ok {
			return r
		}
	}
	require.Fail(t, "it did not come", "%s %s", method, path)
	return request{}
}

func (w *witness) take(method, path string) (request, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.IndexFunc(w.requests, func(r request) bool { return r.method == method && r.path == path })
	if i < 0 {
		return request{}, false
	}
	r := w.requests[i]
	w.requests = w.requests[i+1:]
	return r, true
}

// forget forgets all requests.
func (w *witness) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests = nil
}

// A recorder tells the witness once there is a status.
type recorder struct {
	http.ResponseWriter
	witness *witness
	request *http.Request
	told    bool
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *recorder) WriteHeader(status int) {
	if final := status >= 200 || status == http.StatusSwitchingProtocols; final && !r.told {
		r.told = true
		r.tell(status)
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if !r.told {
		r.WriteHeader(http.StatusOK)
	}
	return r.ResponseWriter.Write(p)
}

func (r *recorder) tell(status int) {
	_, err := r.request.Cookie("__Host-session")
	r.witness.mu.Lock()
	defer r.witness.mu.Unlock()
	r.witness.requests = append(r.witness.requests, request{
		method: r.request.Method, path: r.request.URL.Path, cookie: err == nil,
		origin: r.request.Header.Get("Origin"), site: r.request.Header.Get("Sec-Fetch-Site"),
		status: status, location: r.Header().Get("Location"),
	})
}
