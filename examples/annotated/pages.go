package main

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime"
)

//go:embed pages
var pageFiles embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{"instant": instant}).ParseFS(pageFiles, "pages/*.html"))

// instant returns a time for people to read, in UTC, and a dash for none.
func instant(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// pagePolicy lets a page use its own style and script and send forms to this server. Nothing else is loaded or run, and nobody may frame it.
var pagePolicy = fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
	digestOf("style"), digestOf("forget"))

// digestOf returns the digest of a part of the pages, as a policy names it.
func digestOf(part string) string {
	var text bytes.Buffer
	if err := pages.ExecuteTemplate(&text, part, nil); err != nil {
		panic(err)
	}
	sum := sha256.Sum256(text.Bytes())
	return base64.StdEncoding.EncodeToString(sum[:])
}

// sendPage answers with a page. Nothing is sent before all of it is there.
func sendPage(w http.ResponseWriter, status int, name string, data any) error {
	var page bytes.Buffer
	if err := pages.ExecuteTemplate(&page, name, data); err != nil {
		return fmt.Errorf("make page %s: %w", name, err)
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", pagePolicy)
	header.Set("Cache-Control", "no-store") // not even for the button that goes back
	header.Set("Referrer-Policy", "same-origin")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // whoever asked may have gone
	return nil
}

// wantsPage reports whether a person in front of a browser waits for the answer.
func wantsPage(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

// sendTo sends the browser to a page, after a form say. Whoever is no browser gets 204.
func sendTo(w http.ResponseWriter, r *http.Request, path string) {
	if wantsPage(r) {
		http.Redirect(w, r, path, http.StatusSeeOther)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// answerError answers with a page where a browser asked for one or sent a form of one: whoever is not logged in is asked to. All else
// gets the usual answer.
func answerError(w http.ResponseWriter, r *http.Request, err error) {
	var problem *runtime.Error
	if !wantsPage(r) || !errors.As(err, &problem) {
		return
	}
	_, path, _ := strings.Cut(r.Pattern, " ")
	switch {
	case path == "/session/login":
		var failed loginError
		_ = errors.As(err, &failed)
		_ = sendPage(w, problem.Status, "login", loginPage{detail(problem), failed.username}) // without a page there is the usual answer
	case path != "/account" && !strings.HasPrefix(path, "/account/") && path != "/session/logout" && path != "/auth/logout-all":
	case problem.Status == http.StatusUnauthorized:
		http.Redirect(w, r, "/login", http.StatusSeeOther)
	default:
		_ = sendPage(w, problem.Status, "error", struct{ Title, Detail string }{http.StatusText(problem.Status), detail(problem)})
	}
}

// A loginPage is what the page shows. Both are empty when somebody comes to it.
type loginPage struct{ Problem, Username string }

// detail returns what may be said about a problem.
func detail(problem *runtime.Error) string {
	if problem.Detail == "" {
		return "Something went wrong here. Please try again later."
	}
	return problem.Detail
}
