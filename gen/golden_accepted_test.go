package gen

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/format"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the auth_gen.go of the golden cases instead of comparing them")

const (
	goldenModule = "github.com/boltauthgen/boltauthgen"
	acceptedDir  = "testdata/golden/accepted"
)

// TestGoldenAccepted takes every case in testdata/golden/accepted through the generator and its output through the
// compiler, go vet, staticcheck, and the requests of the case's table.
func TestGoldenAccepted(t *testing.T) {
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	cases := acceptedCases(t, root)
	require.GreaterOrEqual(t, len(cases), 60)

	if !t.Run("generated", func(t *testing.T) { checkGenerated(t, root, cases) }) {
		return // what is built of stale code says nothing
	}
	t.Run("vet", func(t *testing.T) { runGo(t, root, "vet", "./"+acceptedDir+"/...") })
	t.Run("staticcheck", func(t *testing.T) { runGo(t, root, "tool", "staticcheck", "./"+acceptedDir+"/...") })
	t.Run("requests", func(t *testing.T) {
		addresses := drive(t, root, cases)
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) { c.request(t, addresses[c.name]) })
		}
	})
}

// An acceptedCase is a folder with a table of requests.
type acceptedCase struct {
	name    string
	program bool // package main, which is a program of its own
	table   string
}

func acceptedCases(t *testing.T, root string) []acceptedCase {
	tables, err := filepath.Glob(filepath.Join(root, acceptedDir, "*", "requests.txt"))
	require.NoError(t, err)
	var cases []acceptedCase
	for _, path := range tables {
		table, err := os.ReadFile(path)
		require.NoError(t, err)
		source, err := os.ReadFile(filepath.Join(filepath.Dir(path), "drive.go"))
		require.NoError(t, err)
		cases = append(cases, acceptedCase{
			name:    filepath.Base(filepath.Dir(path)),
			program: strings.HasPrefix(string(source), "package main\n"),
			table:   string(table),
		})
	}
	folders, err := os.ReadDir(filepath.Join(root, acceptedDir))
	require.NoError(t, err)
	require.Len(t, cases, len(folders), "every folder has a requests.txt")
	return cases
}

// checkGenerated compares what would be generated with what is there, or writes it.
func checkGenerated(t *testing.T, root string, cases []acceptedCase) {
	run := Check
	if *update {
		run = Generate
	}
	result, err := run(t.Context(), Config{Dir: root, Patterns: []string{"./" + acceptedDir + "/..."}})
	require.NoError(t, err)
	for _, d := range result.Diagnostics {
		t.Errorf("%s: %s (%s)", d.Pos, d.Message, d.Hint)
	}
	generated := map[string]bool{}
	for _, o := range result.Outputs {
		generated[filepath.Base(filepath.Dir(o.File))] = true
		source, err := os.ReadFile(o.File)
		require.NoError(t, err)
		formatted, err := format.Source(source)
		require.NoError(t, err)
		assert.Equal(t, string(formatted), string(source), "%s is formatted", o.File)
		if o.Status == Stale {
			t.Errorf("%s is not what is generated; to accept it: go test ./gen -run Golden -update\n%s", o.File, firstDifference(o.Old, o.New))
		}
	}
	for _, c := range cases {
		assert.True(t, generated[c.name], "nothing is generated for %s", c.name)
	}
}

// firstDifference shows the first line that two texts do not share.
func firstDifference(old, new []byte) string {
	a, b := strings.Split(string(old), "\n"), strings.Split(string(new), "\n")
	i := 0
	for i < min(len(a), len(b))-1 && a[i] == b[i] {
		i++
	}
	return fmt.Sprintf("line %d\n- %s\n+ %s", i+1, a[i], b[i])
}

// runGo runs the go command, which must have nothing to say.
func runGo(t *testing.T, dir string, args ...string) {
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "go %s:\n%s", strings.Join(args, " "), out)
	require.Empty(t, string(out))
}

// driver is a program that serves every case at an address of its own until its input ends.
var driver = template.Must(template.New("driver").Parse(`package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
{{range $i, $c := .}}
	case{{$i}} "` + goldenModule + "/" + acceptedDir + `/{{$c}}"{{end}}
)

func main() {
	for _, c := range []struct {
		name  string
		drive func() (http.Handler, error)
	}{ {{range $i, $c := .}}
		{"{{$c}}", case{{$i}}.Drive},{{end}}
	} {
		h, err := c.drive()
		if err != nil {
			panic(c.name + ": " + err.Error())
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		fmt.Println(c.name, l.Addr())
		go http.Serve(l, h)
	}
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
}
`))

// drive builds and starts the cases, and returns the address of each.
func drive(t *testing.T, root string, cases []acceptedCase) map[string]string {
	var importable []string
	addresses := map[string]string{}
	for _, c := range cases {
		if !c.program {
			importable = append(importable, c.name)
			continue
		}
		bin := filepath.Join(t.TempDir(), c.name)
		runGo(t, root, "build", "-o", bin, "./"+acceptedDir+"/"+c.name)
		start(t, bin, addresses)
	}
	// The driver stands in the module by an overlay only, so that nothing is left behind.
	dir := t.TempDir()
	source, overlay, bin := filepath.Join(dir, "main.go"), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "driver")
	var program bytes.Buffer
	require.NoError(t, driver.Execute(&program, importable))
	require.NoError(t, os.WriteFile(source, program.Bytes(), 0o600))
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{
		filepath.Join(root, "testdata/golden/driver/main.go"): source,
	}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(overlay, replace, 0o600))
	runGo(t, root, "build", "-overlay", overlay, "-o", bin, "./testdata/golden/driver")
	start(t, bin, addresses)
	return addresses
}

// start runs a program and notes the addresses that it prints, one case a line, until it says that it is ready. The
// program ends with the test.
func start(t *testing.T, bin string, addresses map[string]string) {
	cmd := exec.Command(bin)
	var log bytes.Buffer
	cmd.Stderr = &log
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = stdin.Close()
		assert.NoError(t, cmd.Wait(), log.String())
	})
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if lines.Text() == "ready" {
			return
		}
		name, address, _ := strings.Cut(lines.Text(), " ")
		addresses[name] = address
	}
	require.Fail(t, "the program ended before it was ready")
}

// request sends the requests of the table. A line is METHOD PATH WHO STATUS, perhaps with headers in the form
// "Name: value; Name: value" and with "=> BODY" behind it.
func (c acceptedCase) request(t *testing.T, address string) {
	require.NotEmpty(t, address)
	client := &http.Client{Timeout: 10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	sent := 0
	for i, line := range strings.Split(c.table, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		sent++
		line, body, hasBody := strings.Cut(line, " => ")
		fields := strings.Fields(line)
		require.GreaterOrEqual(t, len(fields), 4, "line %d", i+1)
		status, err := strconv.Atoi(fields[3])
		require.NoError(t, err, "line %d", i+1)
		req, err := http.NewRequestWithContext(t.Context(), fields[0], "http://"+address+fields[1], nil)
		require.NoError(t, err, "line %d", i+1)
		if fields[2] != "-" {
			req.Header.Set("X-Who", fields[2])
		}
		if len(fields) > 4 {
			setHeaders(req, strings.Join(fields[4:], " "))
		}
		resp, err := client.Do(req)
		require.NoError(t, err, "line %d", i+1)
		got, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, status, resp.StatusCode, "requests.txt:%d: %s: %s", i+1, line, got)
		if hasBody {
			assert.Equal(t, strings.TrimSpace(body), strings.TrimSpace(string(got)), "requests.txt:%d: %s", i+1, line)
		}
	}
	require.NotZero(t, sent, "no requests")
}

func setHeaders(req *http.Request, headers string) {
	for header := range strings.SplitSeq(headers, ";") {
		name, value, _ := strings.Cut(header, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if name == "Host" {
			req.Host = value
			continue
		}
		req.Header.Set(name, value)
	}
}
