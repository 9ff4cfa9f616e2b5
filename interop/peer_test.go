package interop

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// A peer is a library that mints and judges tokens in a process of its own.
type peer struct {
	name    string
	command []string

	mu      sync.Mutex // one request at a time
	started bool
	process *exec.Cmd // nil if it could not be started
	stdin   io.WriteCloser
	answers *json.Decoder
	err     error
	version string
}

var (
	// Debian's Python, since that is what Debian's PyJWT is installed for.
	pyjwt        = &peer{name: "PyJWT", command: []string{"/usr/bin/python3", "pyjwt.py"}}
	jose         = &peer{name: "jose", command: []string{"node", "jose.mjs"}}
	jsonwebtoken = &peer{name: "jsonwebtoken", command: []string{"node", "jsonwebtoken.mjs"}}

	peers = []*peer{pyjwt, jose, jsonwebtoken}
)

func TestMain(m *testing.M) {
	code := m.Run()
	for _, p := range peers {
		p.stop()
	}
	os.Exit(code)
}

// A request is one line to a peer.
type request struct {
	Op       string          `json:"op"`
	Alg      string          `json:"alg,omitempty"`
	Key      string          `json:"key,omitempty"` // PEM, or the secret
	Header   map[string]any  `json:"header,omitempty"`
	Claims   any             `json:"claims,omitempty"`
	Token    string          `json:"token,omitempty"`
	Audience string          `json:"audience,omitempty"`
	Issuer   string          `json:"issuer,omitempty"`
	Now      int64           `json:"now,omitempty"`
	JWKS     json.RawMessage `json:"jwks,omitempty"`
}

// An answer is the line that a peer answers with: an error or something else.
type answer struct {
	Token   string         `json:"token"`
	Claims  map[string]any `json:"claims"`
	JWK     map[string]any `json:"jwk"`
	Version string         `json:"version"`

	Thumbprints []string `json:"thumbprints"` // of the keys of a set

	Error   string `json:"error"`
	Type    string `json:"type"`    // of the error
	Refusal bool   `json:"refusal"` // whether it is one that the library documents
}

// ask returns the peer's answer. That a peer is not there fails the test: what
// it would have said is not known.
func (p *peer) ask(t testing.TB, r request) answer {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.started {
		p.started = true
		p.err = p.start()
	}
	require.NoError(t, p.err, "%s is not there: run interop/install", p.name)

	var a answer
	a, p.err = p.exchange(r) // what comes after a broken line answers nothing
	require.NoError(t, p.err, "%s broke off", p.name)
	return a
}

func (p *peer) start() error {
	process := exec.Command(p.command[0], p.command[1:]...)
	process.Dir = "peers"
	process.Stderr = os.Stderr
	stdin, err := process.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := process.StdoutPipe()
	if err != nil {
		return err
	}
	if err := process.Start(); err != nil {
		return err
	}
	p.process, p.stdin, p.answers = process, stdin, json.NewDecoder(stdout)
	a, err := p.exchange(request{Op: "version"})
	if err != nil || a.Version == "" {
		return fmt.Errorf("no version from %s: %q: %w", filepath.Join("peers", p.command[1]), a.Error, err)
	}
	p.version = a.Version
	return nil
}

func (p *peer) exchange(r request) (a answer, err error) {
	if err := json.NewEncoder(p.stdin).Encode(r); err != nil {
		return answer{}, err
	}
	return a, p.answers.Decode(&a)
}

// stop ends the process, whose work is done.
func (p *peer) stop() {
	if p.process == nil {
		return
	}
	_ = p.stdin.Close()
	_ = p.process.Process.Kill()
	_ = p.process.Wait()
}

// mint returns a token that the peer has signed with the algorithm's key.
func (p *peer) mint(t testing.TB, a *algorithm, header, claims map[string]any) answer {
	t.Helper()
	return p.ask(t, request{Op: "mint", Alg: a.name, Key: a.private, Header: header, Claims: claims})
}

// export returns the key as a JWK.
func (p *peer) export(t testing.TB, a *algorithm, key string) map[string]any {
	t.Helper()
	exported := p.ask(t, request{Op: "export", Alg: a.name, Key: key})
	require.Empty(t, exported.Error)
	require.NotEmpty(t, exported.JWK)
	return exported.JWK
}

// judgeBySet is judge with a set of keys, of which the token's kid names one.
func (p *peer) judgeBySet(t testing.TB, alg, token string, jwks []byte) answer {
	t.Helper()
	return p.ask(t, request{
		Op: "judgeBySet", Alg: alg, JWKS: jwks, Token: token, Audience: testAudience, Issuer: testIssuer, Now: testNow.Unix(),
	})
}

// judge returns what the peer says about a token at testNow, with the options
// that a careful user would give.
func (p *peer) judge(t testing.TB, a *algorithm, token, audience string) answer {
	t.Helper()
	return p.ask(t, request{
		Op: "judge", Alg: a.name, Key: a.public, Token: token, Audience: audience, Issuer: testIssuer, Now: testNow.Unix(),
	})
}
