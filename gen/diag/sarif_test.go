package diag

import (
	"bytes"
	"encoding/json"
	"go/token"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSARIFGolden(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, SARIF{Version: "v1.2.3", Rules: exampleRules, Dir: dir, Source: source}.Print(&b, example()))
	golden(t, "example.sarif", b.Bytes())
	var log sarifLog
	require.NoError(t, json.Unmarshal(b.Bytes(), &log))
	validate(t, log)
}

func TestSARIFWithoutProblems(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, SARIF{Dir: dir}.Print(&b, nil))
	assert.Contains(t, b.String(), `"results": []`, "a run without results has an empty list, which says that it looked")
	assert.Contains(t, b.String(), `"rules": []`)
}

// validate holds a log against what the standard asks of the members in use (SARIF 2.1.0, section 3).
func validate(t *testing.T, log sarifLog) {
	t.Helper()
	assert.Equal(t, "2.1.0", log.Version)
	require.Len(t, log.Runs, 1)
	run := log.Runs[0]
	rules := map[string]int{}
	for i, r := range run.Tool.Driver.Rules {
		assert.NotContains(t, rules, r.ID, "3.49.3: identifiers differ")
		rules[r.ID] = i
	}
	base := run.BaseIDs[srcRoot].URI
	assert.True(t, strings.HasPrefix(base, "file:///") && strings.HasSuffix(base, "/"), "3.14.14: %s", base)
	for _, r := range run.Results {
		assert.Contains(t, []string{"none", "note", "warning", "error"}, r.Level)
		if r.RuleIndex != nil {
			assert.Equal(t, rules[r.RuleID], *r.RuleIndex, "3.27.6")
		}
		ids := map[int]bool{}
		for _, place := range append(r.Locations, r.Related...) {
			validatePlace(t, place)
			assert.False(t, place.ID > 0 && ids[place.ID], "3.28.2: identifiers of places differ")
			ids[place.ID] = true
		}
	}
}

func validatePlace(t *testing.T, place sarifLocation) {
	t.Helper()
	artifact := place.Physical.Artifact
	uri, err := url.Parse(artifact.URI)
	require.NoError(t, err)
	if artifact.BaseID != "" {
		assert.False(t, uri.IsAbs(), "3.4.4: %s is relative to a base", artifact.URI)
		assert.False(t, strings.HasPrefix(uri.Path, "/"))
	}
	if region := place.Physical.Region; region != nil {
		assert.Positive(t, region.StartLine)
		assert.GreaterOrEqual(t, region.StartColumn, 0)
		if region.EndLine == 0 && region.StartColumn > 0 {
			assert.GreaterOrEqual(t, region.EndColumn, region.StartColumn)
		}
		assert.True(t, region.EndLine == 0 || region.EndLine > region.StartLine)
	}
}

func TestSARIFRegion(t *testing.T) {
	for _, tt := range []struct {
		name, source string
		want         sarifRegion
	}{
		{"ASCII", "a\nb «cd» e", sarifRegion{StartLine: 2, StartColumn: 3, EndColumn: 5}},
		{"two bytes are one unit", "é «é» e", sarifRegion{StartLine: 1, StartColumn: 3, EndColumn: 4}},
		{"four bytes are two units", "🔒 «🔒» e", sarifRegion{StartLine: 1, StartColumn: 4, EndColumn: 6}},
		{"a tab is one unit", "\t«ab»", sarifRegion{StartLine: 1, StartColumn: 2, EndColumn: 4}},
		{"no end: the word", "if «user» {", sarifRegion{StartLine: 1, StartColumn: 4, EndColumn: 8}},
		{"end of line", "ab«\r\nc", sarifRegion{StartLine: 1, StartColumn: 3, EndColumn: 3}},
		{"several lines", "a «b\n\tc» d", sarifRegion{StartLine: 1, StartColumn: 3, EndLine: 2, EndColumn: 3}},
		{"a byte order mark does not count", "\ufeffa «b»", sarifRegion{StartLine: 1, StartColumn: 3, EndColumn: 4}},
		{"not UTF-8", "\xff\xff «b»", sarifRegion{StartLine: 1, StartColumn: 4, EndColumn: 5}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src, pos, end := at(t, tt.source)
			place := SARIF{Source: func(string) []byte { return src }}.place(pos, end)
			assert.Equal(t, &tt.want, place.Region)
		})
	}
}

func TestSARIFRegionWithoutSource(t *testing.T) {
	pos := position("a.go", 3, 4)
	none := func(string) []byte { return nil }
	assert.Equal(t, &sarifRegion{StartLine: 3}, SARIF{Source: none}.place(pos, token.Position{}).Region)
	assert.Equal(t, &sarifRegion{StartLine: 3}, SARIF{}.place(pos, token.Position{}).Region)
	assert.Nil(t, SARIF{}.place(position("a.go", 0, 0), token.Position{}).Region, "no line")
}

func TestSARIFArtifact(t *testing.T) {
	for _, tt := range []struct {
		dir, path string
		want      sarifArtifact
	}{
		{"/src", "/src/a.go", sarifArtifact{URI: "a.go", BaseID: srcRoot}},
		{"/src", "/src/b/two words%.go", sarifArtifact{URI: "b/two%20words%25.go", BaseID: srcRoot}},
		{"/src", "/src/c:d.go", sarifArtifact{URI: "./c:d.go", BaseID: srcRoot}},
		{"/src", "/src/漢.go", sarifArtifact{URI: "%E6%BC%A2.go", BaseID: srcRoot}},
		{"/src", "/other/a b.go", sarifArtifact{URI: "file:///other/a%20b.go"}},
	} {
		assert.Equal(t, tt.want, SARIF{Dir: tt.dir}.artifact(tt.path))
	}
	assert.Equal(t, "file:///src/a%20b", fileURI("/src/a b/"))
	assert.Equal(t, "file://", fileURI("/"), "the root, before its slash is put back")
}

func TestSARIFMessage(t *testing.T) {
	for text, want := range map[string]string{
		"GET /a/{id} conflicts": "GET /a/{{id}} conflicts",
		"f[int](x)":             "f[int] (x)",
		"a [b] c":               "a [b] c",
		"one\n\ttwo\x1b":        "one\ntwo\\x1b",
	} {
		assert.Equal(t, want, plain(text).Text)
	}
}
