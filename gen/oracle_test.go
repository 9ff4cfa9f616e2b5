package gen_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/gen"
)

const (
	oraclePackages = 5
	oracleHandlers = 18 // of each of a package's receivers
	oracleRequests = 30 // to each handler
)

// TestOracle puts random guards through the generator, the compiler and the run time, and compares every answer with what an
// interpreter makes of the same random expressions. ORACLE_SEED repeats a run.
func TestOracle(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("ORACLE_SEED"); s != "" {
		var err error
		seed, err = strconv.ParseUint(s, 10, 64)
		require.NoError(t, err, "ORACLE_SEED")
	}
	t.Logf("ORACLE_SEED=%d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	o := &oracle{T: t, Rand: r, dir: t.TempDir(), refused: map[string]bool{}}
	for i := range oraclePackages {
		o.packages = append(o.packages, newPackage(r, i, oracleHandlers))
	}
	o.module()
	o.generate()
	o.compare()
}

type oracle struct {
	*testing.T
	*rand.Rand
	dir      string
	packages []*oraclePackage
	refused  map[string]bool // handlers whose guards can never hold
}

func (o *oracle) write(name, contents string) {
	path := filepath.Join(o.dir, name)
	require.NoError(o, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(o, os.WriteFile(path, []byte(contents), 0o644))
}

// module makes a module that needs what ours needs, and ours from this directory.
func (o *oracle) module() {
	root, err := filepath.Abs("..")
	require.NoError(o, err)
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(o, err)
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(o, err)
	const module = "github.com/boltauthgen/boltauthgen"
	text, _, _ := strings.Cut(string(mod), "\ntool ")
	text = strings.Replace(text, "module "+module, "module oracle", 1)
	o.write("go.mod", fmt.Sprintf("%s\nrequire %s v0.0.0\n\nreplace %s => %s\n", text, module, module, strconv.Quote(root)))
	o.write("go.sum", string(sum))
	o.write("support/support.go", supportCode)
}

// generate generates all packages but for the handlers whose guards can never hold. The generator must refuse exactly those.
func (o *oracle) generate() {
	want := map[string]bool{}
	for _, p := range o.packages {
		for _, h := range p.handlers() {
			if !h.canHold() {
				want[p.name+"."+h.name] = true
			}
		}
	}
	for _, d := range o.run().Diagnostics {
		require.Equal(o, "never-holds", d.Rule, "%v: %s", d.Pos, d.Message)
		name := strings.TrimSuffix(strings.TrimPrefix(d.Message, "the guard of "), " can never hold")
		o.refused[filepath.Base(filepath.Dir(d.Pos.Filename))+"."+name] = true
	}
	require.Equal(o, want, o.refused, "handlers whose guard can never hold")
	require.NotEmpty(o, want, "no random guard that can never hold")
	require.Empty(o, o.run().Diagnostics)
}

func (o *oracle) run() *gen.Result {
	for _, p := range o.packages {
		o.write(p.name+"/"+p.name+".go", p.source(o.refused))
	}
	result, err := gen.Generate(o.Context(), gen.Config{Dir: o.dir, Patterns: []string{"./..."}})
	require.NoError(o, err)
	return result
}

func (p *oraclePackage) handlers() []*oracleHandler {
	var all []*oracleHandler
	for _, t := range p.types {
		all = append(all, t.handlers...)
	}
	return all
}

// compile returns the path of a program that serves all packages.
func (o *oracle) compile() string {
	var imports, servers strings.Builder
	for _, p := range o.packages {
		fmt.Fprintf(&imports, "\t%q\n", "oracle/"+p.name)
		for i, t := range p.types {
			if !slices.ContainsFunc(t.handlers, func(h *oracleHandler) bool { return !o.refused[p.name+"."+h.name] }) {
				continue
			}
			value := ""
			if t.name != "" {
				value = strings.Replace(t.receiver(), "*", "&", 1)
				value = strings.Replace(value, t.name, p.name+"."+t.name, 1) + "{Flag: true, Level: 3}"
			}
			v := fmt.Sprintf("%sT%d", p.name, i)
			fmt.Fprintf(&servers, "\t%s, err := %s.NewGuarded%s(%s)\n\tadd(%q, %s, err)\n", v, p.name, t.name, value,
				fmt.Sprintf("/%s/H%d", p.name, i), v)
		}
	}
	code := strings.NewReplacer("IMPORTS", imports.String(), "SERVERS", servers.String(), "~", "`").Replace(driverCode)
	o.write("driver/main.go", code)
	program := filepath.Join(o.dir, "oracle.exe")
	build := exec.CommandContext(o.Context(), "go", "build", "-ldflags=-w", "-o", program, "./driver")
	build.Dir = o.dir
	out, err := build.CombinedOutput()
	require.NoError(o, err, "%s", out)
	return program
}

// compare sends random requests to every handler.
func (o *oracle) compare() {
	var handlers []*oracleHandler
	var requests []*request
	var in bytes.Buffer
	for _, p := range o.packages {
		for _, h := range p.handlers() {
			for range oracleRequests {
				if !o.refused[p.name+"."+h.name] {
					q := o.request(h)
					handlers, requests = append(handlers, h), append(requests, q)
					require.NoError(o, json.NewEncoder(&in).Encode(q))
				}
			}
		}
	}
	driver := exec.CommandContext(o.Context(), o.compile())
	driver.Stdin, driver.Stderr = &in, os.Stderr
	out, err := driver.Output()
	require.NoError(o, err)
	statuses, special, answers := map[int]int{}, 0, json.NewDecoder(bytes.NewReader(out))
	for i, q := range requests {
		var got answer
		require.NoError(o, answers.Decode(&got))
		want := handlers[i].ask(q)
		text, _ := json.Marshal(q)
		require.Equal(o, want.String(), got.String(), "%s\n%s", text, handlers[i].describe())
		statuses[got.Status]++
		if strings.Contains(strings.Join(got.Challenges, " "), "error=") {
			special++
		}
	}
	o.Logf("%d pairs of %d handlers, %d refused as never holding; answers by status %v, special challenges %d",
		len(requests), len(requests)/oracleRequests, len(o.refused), statuses, special)
	assert.GreaterOrEqual(o, len(requests), 5000)
	assert.NotZero(o, special, "special challenges")
	for _, status := range []int{200, 400, 401, 403, 404, 500, 503} {
		assert.NotZero(o, statuses[status], "answers with status %d", status)
	}
}

// describe writes a handler with all guards that count.
func (h *oracleHandler) describe() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%sbackends %q\n", h.source(), h.backends)
	for _, s := range h.steps() {
		fmt.Fprintf(&b, "step %s\n", s)
	}
	return b.String()
}

// request makes a random request to a handler.
func (o *oracle) request(h *oracleHandler) *request {
	numbers := []string{"0", "1", "2", "3", "5", "6", "7", "7", "8", "9", "12", "13", "14", "15", "404", "500", "503", "x"}
	q := &request{Post: o.IntN(2) == 0, CrossSite: o.IntN(3) == 0, n: numbers[o.IntN(len(numbers))]}
	q.Path = h.path(q.n)
	q.First, q.FirstIs = o.credential()
	q.Second, q.SecondIs = o.credential()
	return q
}

// credential makes an identity or the name of a failure.
func (o *oracle) credential() (*identity, string) {
	failures := []string{"invalid", "invalid", "revoked", "down", "broken", "panic", "nobody"}
	switch o.IntN(10) {
	case 0:
		return nil, failures[o.IntN(len(failures))]
	case 1, 2:
		return nil, ""
	}
	id := &identity{ID: fmt.Sprintf("u%d", o.IntN(5)), Staff: o.IntN(2) == 0, Superuser: o.IntN(2) == 0, Ambient: o.IntN(4) == 0,
		Permissions: o.some(allPermissions)}
	switch scopes := o.some(allScopes); o.IntN(6) {
	case 0: // none
	case 1:
		id.Scope = 5 // a claim of a wrong type holds no scope
	case 2:
		id.Scope = scopes
	default:
		id.Scope = strings.Join(scopes, " ")
	}
	if ages := []int{-3600, 60, 60, 3600, 10800}; o.IntN(5) > 0 {
		age := ages[o.IntN(len(ages))]
		id.Age = &age
	}
	return id, ""
}

func (o *oracle) some(all []string) []string {
	var some []string
	for _, s := range all {
		if o.IntN(3) > 0 {
			some = append(some, s)
		}
	}
	return some
}
