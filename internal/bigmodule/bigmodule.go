// Package bigmodule writes modules of many packages with many handlers, to measure the generator on.
package bigmodule

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"regexp"
)

// Path is the path of the modules that [Write] makes.
const Path = "example.com/big"

// Config is the size and the kind of a module.
type Config struct {
	Packages int // called p000, p001 and so on; each imports shared and the one ten before it
	Handlers int // of each package, ten to a file
	// Runtime is the folder of this module's sources, as an absolute path. If it is not "", the handlers have directives and a program
	// mounts what is generated for them, which does not compile until it is; if it is "", the module needs nothing
	// but the standard library and compiles as it is.
	Runtime string
}

// perFile is how many handlers are in one file.
const perFile = 10

// Write makes the module in a folder, replacing files that are there.
func Write(dir string, cfg Config) error {
	mod, sum, err := goFiles(cfg.Runtime)
	if err != nil {
		return fmt.Errorf("write module: %w", err)
	}
	files := map[string]string{
		"go.mod":           mod,
		"go.sum":           sum,
		"shared/shared.go": shared(cfg),
	}
	for p := range cfg.Packages {
		name := fmt.Sprintf("p%03d", p)
		files[name+"/server.go"] = server(cfg, p)
		for first := 0; first < cfg.Handlers; first += perFile {
			file := fmt.Sprintf("%s/handlers%03d.go", name, first/perFile)
			files[file] = handlers(cfg, p, first, min(first+perFile, cfg.Handlers))
		}
	}
	if cfg.Runtime != "" {
		files["cmd/app/main.go"] = program(cfg)
	}
	for name, text := range files {
		if err := write(filepath.Join(dir, filepath.FromSlash(name)), text); err != nil {
			return fmt.Errorf("write module: %w", err)
		}
	}
	return nil
}

func write(path, text string) error {
	content := []byte(text)
	if filepath.Ext(path) == ".go" {
		var err error
		if content, err = format.Source(content); err != nil {
			return fmt.Errorf("format %s: %w", path, err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}

// requirements finds the blocks of a go.mod that say which modules are needed.
var requirements = regexp.MustCompile(`(?ms)^require \(.*?^\)\n`)

// goFiles returns go.mod and go.sum. The module needs what this module needs, in the same versions.
func goFiles(runtime string) (mod, sum string, err error) {
	mod = "module " + Path + "\n\ngo 1.26.0\n"
	if runtime == "" {
		return mod, "", nil
	}
	ours, err := os.ReadFile(filepath.Join(runtime, "go.mod"))
	if err != nil {
		return "", "", err
	}
	sums, err := os.ReadFile(filepath.Join(runtime, "go.sum"))
	if err != nil {
		return "", "", err
	}
	const module = "github.com/boltauthgen/boltauthgen"
	mod += fmt.Sprintf("\nrequire %s v0.0.0\n\nreplace %s => %s\n\n", module, module, runtime)
	return mod + string(bytes.Join(requirements.FindAll(ours, -1), nil)), string(sums), nil
}

// directive returns a comment line if the module has directives, else nothing.
func directive(cfg Config, text string) string {
	if cfg.Runtime == "" {
		return ""
	}
	return "//auth:" + text + "\n"
}

func shared(cfg Config) string {
	return `// Package shared has what all packages need.
package shared

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// A User is someone who can log in.
type User struct {
	ID      int64     ` + "`json:\"id\"`" + `
	Name    string    ` + "`json:\"name\"`" + `
	Created time.Time ` + "`json:\"created\"`" + `
}

// ErrNoUser means that there is no such user.
var ErrNoUser = errors.New("no such user")

` + directive(cfg, "permissions") + `const (
	View   = "item.view"
	Change = "item.change"
	Delete = "item.delete"
)

// LoadUser reads a user.
func LoadUser(ctx context.Context, db *sql.DB, id int64) (*User, error) {
	u := &User{ID: id}
	err := db.QueryRowContext(ctx, "SELECT name, created FROM users WHERE id = ?", id).Scan(&u.Name, &u.Created)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNoUser
	}
	return u, err
}
`
}

func server(cfg Config, p int) string {
	imports, field, provider, previous := "", "", "", ""
	if cfg.Runtime != "" {
		imports = `"strconv"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/jwtauth"`
		field = "JWT *jwtauth.Backend"
		provider = `
// user loads the user behind a request.
//
//auth:provide
func (s *Server) user(ctx context.Context, p *runtime.Principal) (*shared.User, error) {
	id, err := strconv.ParseInt(p.UserID(), 10, 64)
	if err != nil {
		return nil, runtime.ErrForbidden
	}
	return shared.LoadUser(ctx, s.DB, id)
}
`
	}
	if p >= 10 {
		imports += fmt.Sprintf("\n\t%q", fmt.Sprintf("%s/p%03d", Path, p-10))
		previous = fmt.Sprintf("Previous *p%03d.Server", p-10)
	}
	return fmt.Sprintf(`// Package p%03d serves items.
%spackage p%03d

import (
	"context"
	"database/sql"
	"log/slog"
	%s
	%q
)

// A Server keeps items.
type Server struct {
	DB  *sql.DB
	Log *slog.Logger
	%s
	%s
}

// An Item is what is kept.
type Item struct {
	ID    int64  `+"`json:\"id\"`"+`
	Owner int64  `+"`json:\"owner\"`"+`
	Text  string `+"`json:\"text\"`"+`
}
%s
// item loads the item that a path names.
%sfunc (s *Server) item(ctx context.Context, id int64) (*Item, error) {
	i := &Item{ID: id}
	err := s.DB.QueryRowContext(ctx, "SELECT owner, text FROM items WHERE id = ?", id).Scan(&i.Owner, &i.Text)
	return i, err
}

var _ shared.User
`, p, packageDirectives(cfg), p, imports, Path+"/shared", field, previous, provider, blank(directive(cfg, "provide")))
}

func packageDirectives(cfg Config) string {
	return blank(directive(cfg, "backend s.JWT") + directive(cfg, "guard IsAuthenticated()"))
}

// blank separates directives from the text above them.
func blank(directives string) string {
	if directives == "" {
		return ""
	}
	return "//\n" + directives
}

func handlers(cfg Config, p, first, end int) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, `package p%03d

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	%q
)
`, p, Path+"/shared")
	for i := first; i < end; i++ {
		handler(&b, cfg, p, i)
	}
	return b.String()
}

func handler(b *bytes.Buffer, cfg Config, p, i int) {
	guards := [...]string{
		"HasPermission(shared.View)",
		"HasAnyPermission(shared.View, shared.Change)",
		"IsAdminUser() || user.ID == item.Owner",
		"HasPermission(shared.Delete) && (user.ID == item.Owner || IsStaff())",
	}
	directives := blank(directive(cfg, fmt.Sprintf("route GET /p%03d/h%03d/{id}", p, i)) +
		directive(cfg, "guard "+guards[i%len(guards)]))
	fmt.Fprintf(b, `
// Handle%03d shows an item in one of its forms.
%sfunc (s *Server) Handle%03d(w http.ResponseWriter, r *http.Request, user *shared.User, item *Item) error {
	start := time.Now()
	var words []string
	for _, word := range strings.Fields(item.Text) {
		if len(word) > %d && !strings.ContainsAny(word, "<>&") {
			words = append(words, strings.ToLower(word)) // the rest is noise
		}
	}
	if item.Owner != user.ID && len(words) == 0 {
		return fmt.Errorf("item %%d of %%d has nothing to show", item.ID, item.Owner)
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(map[string]any{"id": item.ID, "words": words, "user": user.Name}); err != nil {
		return fmt.Errorf("send item: %%w", err)
	}
	s.Log.InfoContext(r.Context(), "shown", "item", item.ID, "after", time.Since(start))
	return nil
}
`, i, directives, i, i%7)
}

func program(cfg Config) string {
	var imports, mounts bytes.Buffer
	for p := range cfg.Packages {
		fmt.Fprintf(&imports, "\t%q\n", fmt.Sprintf("%s/p%03d", Path, p))
		fmt.Fprintf(&mounts, `
	if api, err := p%03d.NewGuardedServer(&p%03d.Server{JWT: backend}); err != nil {
		log.Fatal(err)
	} else {
		mux.Handle("/p%03d/", api)
	}
`, p, p, p)
	}
	return fmt.Sprintf(`// Command app serves all packages.
package main

import (
	"log"
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime/jwtauth"
%s)

func main() {
	backend, err := jwtauth.New(jwtauth.Config{Secret: []byte("a secret of at least thirty-two bytes")})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
%s
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", mux))
}
`, imports.String(), mounts.String())
}
