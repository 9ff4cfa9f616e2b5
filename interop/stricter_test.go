package interop

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/jwtauth"
)

var update = flag.Bool("update", false, "write STRICTER.md and JWKS.md anew")

const (
	accepts = "**accepts**"
	refuses = "refuses"
	depends = "depends"
)

const stricterIntroduction = `# Tokens that jwtauth refuses, and others accept

Written by ` + "`go test . -update`" + `, compared by ` + "`go test .`" + `: each row is a token that was made and judged.

Many of the rows are no fault of a library: what "permissions" must look like, which subjects are users, and whether an ID
token may serve for access is for an application to say. They are here because an application that uses one has to say it.

The judges expect one algorithm, one audience and one issuer. Where there is an option for it, exp and sub are required:
PyJWT ` + "`options={\"require\": [\"exp\", \"sub\"]}`" + `, jose ` + "`requiredClaims`" + `. "throws" means an error of a kind that the
library does not announce, which a caller who catches only its own kinds answers with 500. "depends" means that Debian
changed the answer without another version number (CVE-2026-32597).
`

// stricterHead is how the rows of tokens begin.
var stricterHead = []string{"token", "jwtauth", "PyJWT", "jose", "jsonwebtoken", "why"}

func TestHostileTokens(t *testing.T) {
	judges := newJudges(t)
	good := hostile{what: "a good token", token: withClaims(plainClaimsText)}
	require.Equal(t, []string{accepts, accepts, accepts, accepts}, judges.row(t, good)[1:5], "else all the rest says nothing")

	var chapters strings.Builder
	var all [][]string
	for _, c := range hostileChapters() {
		rows := judges.rows(t, c.tokens, refuses)
		all = append(all, rows...)
		fmt.Fprintf(&chapters, "\n## %s\n\n%s", c.title, table(stricterHead, rows))
	}
	require.GreaterOrEqual(t, len(all), 80)
	assert.Equal(t, accepts, judges.verdict(good), "the others left something behind")

	odd := judges.rows(t, oddTokens(), accepts)
	fmt.Fprintf(&chapters, "\n## Odd tokens that jwtauth accepts\n\n%s", table(stricterHead, odd))
	summary := table(stricterHead, [][]string{versions(), tally(all)})
	compare(t, "STRICTER.md", stricterIntroduction+"\n"+summary+chapters.String())
	t.Logf("%d hostile tokens, %d odd ones", len(all), len(odd))
}

// rows returns a row for each token, and asserts jwtauth's verdict.
func (j judges) rows(t *testing.T, tokens []hostile, want string) (rows [][]string) {
	t.Helper()
	for _, token := range tokens {
		row := j.row(t, token)
		assert.Equal(t, want, row[1], token.what)
		rows = append(rows, row)
	}
	return rows
}

// judges are jwtauth's backends: one for each algorithm and audience, so that
// what one token leaves behind is there when the next one comes.
type judges map[hostileKind]*jwtauth.Backend

// A hostileKind is what a judge expects.
type hostileKind struct{ alg, audience string }

func newJudges(t *testing.T) judges {
	t.Helper()
	j := make(judges)
	for _, a := range algorithms() {
		for _, audience := range []string{testAudience, ""} {
			j[hostileKind{a.name, audience}] = a.newBackend(t, audience)
		}
	}
	return j
}

func (h hostile) kind() hostileKind {
	kind := hostileKind{alg: h.alg, audience: testAudience}
	if h.alg == "" {
		kind.alg = "HS256"
	}
	if h.noAudience {
		kind.audience = ""
	}
	return kind
}

func (j judges) verdict(h hostile) string {
	switch _, err := authenticate(j[h.kind()], h.token); {
	case err == nil:
		return accepts
	case errors.Is(err, runtime.ErrInvalidCredentials):
		return refuses
	default:
		return "fails: " + err.Error()
	}
}

// row returns the row of the table for a token.
func (j judges) row(t *testing.T, h hostile) []string {
	t.Helper()
	row := []string{h.what, j.verdict(h)}
	for _, p := range peers {
		verdict := p.verdict(t, h)
		if p == pyjwt && h.pyjwtMoved {
			verdict = depends
		}
		row = append(row, verdict)
	}
	return append(row, h.why)
}

func (p *peer) verdict(t *testing.T, h hostile) string {
	t.Helper()
	kind := h.kind()
	switch judged := p.judge(t, algorithmByName(kind.alg), h.token, kind.audience); {
	case judged.Error == "":
		return accepts
	case judged.Refusal:
		return refuses
	default:
		return "throws " + judged.Type
	}
}

// versions is the row that says who judged. It needs the peers started.
func versions() []string {
	row := []string{"version", "this one"}
	for _, p := range peers {
		row = append(row, p.version)
	}
	return append(row, "")
}

// tally is the row that says how many hostile tokens each accepts.
func tally(rows [][]string) []string {
	row := []string{"hostile tokens accepted"}
	for judge := 1; judge <= 1+len(peers); judge++ {
		count := make(map[string]int)
		for _, r := range rows {
			count[r[judge]]++
		}
		cell := fmt.Sprintf("%d of %d", count[accepts], len(rows))
		if count[depends] > 0 {
			cell += fmt.Sprintf(", %d depend", count[depends])
		}
		row = append(row, cell)
	}
	return append(row, "")
}

// table returns rows as Markdown.
func table(head []string, rows [][]string) string {
	var b strings.Builder
	line := func(cells []string) {
		b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
	line(head)
	line(slices.Repeat([]string{"---"}, len(head)))
	for _, row := range rows {
		line(row)
	}
	return b.String()
}

// compare asserts that the file holds this text, or writes it there. The columns
// of judges whose version is another than that in the file are not compared.
func compare(t *testing.T, file, text string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o666))
		return
	}
	wanted, err := os.ReadFile(file)
	require.NoError(t, err)
	want, got := strings.Split(string(wanted), "\n"), strings.Split(text, "\n")
	require.Len(t, got, len(want), "rows were added or removed: go test . -update")

	var others []int // columns
	for i, line := range want {
		wanted, cells := strings.Split(line, " | "), strings.Split(got[i], " | ")
		if strings.HasPrefix(line, "| version |") {
			if others = differing(wanted, cells); len(others) > 0 {
				t.Logf("columns %v of %s are of other versions, and not compared", others, file)
			}
		}
		for _, column := range others {
			if len(cells) == len(wanted) && column < len(cells) {
				cells[column] = wanted[column]
			}
		}
		assert.Equal(t, line, strings.Join(cells, " | "), "%s, line %d: go test . -update", file, i+1)
	}
}

func differing(a, b []string) (columns []int) {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			columns = append(columns, i)
		}
	}
	return columns
}
