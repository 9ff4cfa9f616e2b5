package diag

import (
	"encoding/json"
	"fmt"
	"go/token"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf16"
)

// SARIF prints diagnostics in the Static Analysis Results Interchange Format 2.1.0 (OASIS), which editors and CI read.
type SARIF struct {
	Version string                   // of the generator
	Rules   []Rule                   // every rule there is; of those that share an ID the first is described
	Dir     string                   // absolute path of the folder that relative URIs refer to, as %SRCROOT%
	Source  func(path string) []byte // as in [Text]; a place in a file that cannot be had is given without columns
}

// Print writes one complete log, also where there are no diagnostics.
func (s SARIF) Print(w io.Writer, diagnostics []Diagnostic) error {
	run := sarifRun{
		Tool:        sarifTool{Driver: s.driver()},
		Invocations: []sarifInvocation{{ExecutionSuccessful: true}},
		BaseIDs:     map[string]sarifArtifact{srcRoot: {URI: fileURI(s.Dir) + "/"}},
		ColumnKind:  "utf16CodeUnits",
		Results:     make([]sarifResult, 0, len(diagnostics)),
	}
	for _, d := range diagnostics {
		run.Results = append(run.Results, s.result(d, run.Tool.Driver.Rules))
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	if err := out.Encode(sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}}); err != nil {
		return fmt.Errorf("print SARIF: %w", err)
	}
	return nil
}

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	homepage    = "https://github.com/boltauthgen/boltauthgen"
	srcRoot     = "%SRCROOT%"
)

func (s SARIF) driver() sarifDriver {
	driver := sarifDriver{Name: "boltauthgen", InformationURI: homepage, Version: s.Version, Rules: []sarifRule{}}
	for _, r := range s.Rules {
		if ruleIndex(driver.Rules, r.ID) >= 0 {
			continue
		}
		rule := sarifRule{ID: r.ID, Short: plain(r.Summary), Full: plain(r.Summary), Help: plain(r.Summary)}
		if r.Help != "" {
			rule.Full = plain(r.Summary + " " + r.Help)
			rule.Help = plain(r.Help)
		}
		rule.Default.Level = "error"
		driver.Rules = append(driver.Rules, rule)
	}
	return driver
}

func ruleIndex(rules []sarifRule, id string) int {
	return slices.IndexFunc(rules, func(r sarifRule) bool { return r.ID == id })
}

func (s SARIF) result(d Diagnostic, rules []sarifRule) sarifResult {
	text := d.Message
	if d.Hint != "" {
		text += "\nhint: " + d.Hint
	}
	result := sarifResult{RuleID: d.Rule, Level: "error", Message: plain(text)}
	if i := ruleIndex(rules, d.Rule); i >= 0 {
		result.RuleIndex = &i
	}
	if d.Pos.Filename != "" {
		result.Locations = []sarifLocation{{Physical: s.place(d.Pos, d.End)}}
	}
	for i, r := range d.Related {
		message := plain(r.Message)
		result.Related = append(result.Related, sarifLocation{ID: i + 1, Physical: s.place(r.Pos, token.Position{}), Message: &message})
	}
	return result
}

// plain returns a plain text message (SARIF 2.1.0 sections 3.11.3, 3.11.5 and 3.11.6): braces are doubled, since single ones
// are placeholders, and what would be read as a link, such as the Go call f[int](x), gets a space.
func plain(text string) sarifMessage {
	printable := strings.Split(text, "\n")
	for i, line := range printable {
		printable[i] = Printable(strings.Trim(line, "\t\r"))
	}
	escape := strings.NewReplacer("{", "{{", "}", "}}", "](", "] (")
	return sarifMessage{Text: escape.Replace(strings.Join(printable, "\n"))}
}

// place returns where something is; end may be the zero value, as in [Diagnostic].
func (s SARIF) place(pos, end token.Position) *sarifPhysical {
	place := &sarifPhysical{Artifact: s.artifact(pos.Filename)}
	if pos.Line < 1 {
		return place
	}
	place.Region = &sarifRegion{StartLine: pos.Line}
	if s.Source == nil {
		return place
	}
	src := s.Source(pos.Filename)
	line, at, ok := sourceLine(src, pos)
	if !ok || at < 0 {
		return place
	}
	place.Region.StartColumn = column(line[:at])
	if last, lastAt, ok := sourceLine(src, end); ok && lastAt >= 0 && end.Line > pos.Line {
		place.Region.EndLine, place.Region.EndColumn = end.Line, column(last[:lastAt])
		return place
	}
	place.Region.EndColumn = column(line[:extent(line, at, pos, end)])
	return place
}

// column returns the column behind a line's beginning, in UTF-16 code units from 1.
func column(before string) int { return 1 + len(utf16.Encode([]rune(before))) }

func (s SARIF) artifact(path string) sarifArtifact {
	short := ShortPath(s.Dir, path)
	if filepath.IsAbs(short) {
		return sarifArtifact{URI: fileURI(short)}
	}
	return sarifArtifact{URI: (&url.URL{Path: filepath.ToSlash(short)}).String(), BaseID: srcRoot}
}

// fileURI returns the file URI of an absolute path (RFC 8089), without a slash at its end.
func fileURI(path string) string {
	slashed := "/" + strings.Trim(filepath.ToSlash(path), "/")
	return strings.TrimSuffix((&url.URL{Scheme: "file", Path: slashed}).String(), "/")
}

// The parts of a log that are in use, named as in the standard (SARIF 2.1.0, section 3).
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool                `json:"tool"`
		Invocations []sarifInvocation        `json:"invocations"`
		BaseIDs     map[string]sarifArtifact `json:"originalUriBaseIds"`
		ColumnKind  string                   `json:"columnKind"`
		Results     []sarifResult            `json:"results"`
	}
	sarifInvocation struct {
		ExecutionSuccessful bool `json:"executionSuccessful"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string       `json:"id"`
		Short   sarifMessage `json:"shortDescription"`
		Full    sarifMessage `json:"fullDescription"`
		Help    sarifMessage `json:"help"`
		Default struct {
			Level string `json:"level"`
		} `json:"defaultConfiguration"`
	}
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId,omitempty"`
		RuleIndex *int            `json:"ruleIndex,omitempty"`
		Level     string          `json:"level"`
		Message   sarifMessage    `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
		Related   []sarifLocation `json:"relatedLocations,omitempty"`
	}
	sarifLocation struct {
		ID       int            `json:"id,omitempty"`
		Physical *sarifPhysical `json:"physicalLocation"`
		Message  *sarifMessage  `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI    string `json:"uri"`
		BaseID string `json:"uriBaseId,omitempty"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
)
