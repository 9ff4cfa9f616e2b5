// Command mutate breaks the emitter, the checks and the run time in small ways, one at a time and in a copy of the module,
// and shows that a test fails for each.
//
// It prints one line for every mutant, with the test that killed it, and exits with 1 if one survives, or if the table of mutants
// does not fit the code any more: a piece of code that is not there exactly once, or a mutant that does not compile. With arguments,
// only files are broken whose paths begin with one of them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// perRun bounds one run of tests, so that a mutant which never ends counts as killed.
const perRun = 3 * time.Minute

// oracleSeed makes runs repeatable.
const oracleSeed = "ORACLE_SEED=1"

// A mutant is one small break.
type mutant struct {
	name     string
	file     string // from the module's root, with slashes
	old, new string // old stands in the file exactly once
}

// A suite is the arguments of one run of go test.
type suite []string

var (
	oracle      = suite{"-run", "^TestOracle$", "./gen"}
	generator   = suite{"./gen/..."}
	runtimeCore = suite{"./runtime"}
	runtimeAll  = suite{"./runtime/..."}
)

// suites returns what is run against a mutant, until one fails. What judges behaviour comes before what compares text.
func (m mutant) suites() []suite {
	switch {
	case strings.HasPrefix(m.file, "gen/"):
		return []suite{oracle, generator}
	case filepath.Dir(m.file) == "runtime":
		return []suite{runtimeCore, oracle, runtimeAll}
	}
	return []suite{{"./" + filepath.ToSlash(filepath.Dir(m.file))}, runtimeAll}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, places []string) error {
	root, err := moduleRoot(ctx)
	if err != nil {
		return err
	}
	mutants := allMutants()
	if err := checkTable(root, mutants); err != nil {
		return err
	}
	if len(places) > 0 {
		mutants = slices.DeleteFunc(mutants, func(m mutant) bool {
			return !slices.ContainsFunc(places, func(place string) bool { return strings.HasPrefix(m.file, place) })
		})
	}
	start := time.Now()
	queue, results := make(chan mutant), &tally{}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(queue)
		for _, m := range mutants {
			select {
			case queue <- m:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	var baseline sync.Once
	var broken error
	for range runtime.GOMAXPROCS(0) {
		g.Go(func() error {
			return inCopy(root, func(dir string) error {
				if baseline.Do(func() { broken = passes(ctx, dir, mutants) }); broken != nil {
					return broken
				}
				return work(ctx, dir, queue, results)
			})
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	fmt.Printf("%d mutants, %d killed, %d survived, in %v\n", len(mutants), len(mutants)-len(results.survivors), len(results.survivors),
		time.Since(start).Round(time.Second))
	if len(results.survivors) > 0 {
		return fmt.Errorf("survived: %s", strings.Join(results.survivors, "; "))
	}
	return nil
}

func allMutants() []mutant {
	return slices.Concat(emitMutants, checkMutants, runtimeMutants, jwtauthMutants, revocationMutants)
}

func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// checkTable reports every mutant that does not fit the code.
func checkTable(root string, mutants []mutant) error {
	var problems []error
	names := map[string]bool{}
	for _, m := range mutants {
		source, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(m.file)))
		if err != nil {
			problems = append(problems, err)
			continue
		}
		if n := strings.Count(string(source), m.old); n != 1 {
			problems = append(problems, fmt.Errorf("%s: %s has the code %d times:\n%s", m.name, m.file, n, m.old))
		}
		if names[m.name] || m.old == m.new {
			problems = append(problems, fmt.Errorf("%s: the name is not unique, or nothing is changed", m.name))
		}
		names[m.name] = true
	}
	return errors.Join(problems...)
}

// inCopy calls f with a copy of the module that is removed afterwards.
func inCopy(root string, f func(dir string) error) (err error) {
	dir, err := os.MkdirTemp("", "mutate-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := copyModule(root, dir); err != nil {
		return fmt.Errorf("copy the module: %w", err)
	}
	return f(dir)
}

func copyModule(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case d.IsDir() && d.Name() == ".git":
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(target, 0o755)
		case d.Type()&fs.ModeSymlink != 0:
			link, err := os.Readlink(path)
			if err != nil {
				return err
			}
			return os.Symlink(link, target)
		}
		contents, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, contents, 0o644)
	})
}

// passes reports an error if a suite fails without any mutant: then its failures would say nothing.
func passes(ctx context.Context, dir string, mutants []mutant) error {
	seen := map[string]bool{}
	for _, m := range mutants {
		for _, s := range m.suites() {
			key := strings.Join(s, " ")
			if seen[key] {
				continue
			}
			seen[key] = true
			if out, ok := s.run(ctx, dir); !ok {
				return fmt.Errorf("go test %s fails without a mutant: %s\n%.2000s", key, failedTest(out), out)
			}
		}
	}
	return nil
}

// A tally gathers what became of the mutants.
type tally struct {
	mu        sync.Mutex
	survivors []string
}

// add notes the test that killed a mutant, or if that is "", why none did.
func (t *tally) add(m mutant, killer, otherwise string, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if killer == "" {
		t.survivors = append(t.survivors, m.name)
		killer = otherwise
	}
	fmt.Printf("%-24s %-58s %s (%v)\n", m.file, m.name, killer, took.Round(100*time.Millisecond))
}

// work tries mutants in one copy, one after the other.
func work(ctx context.Context, dir string, queue <-chan mutant, results *tally) error {
	for m := range queue {
		start := time.Now()
		killer, err := m.try(ctx, dir)
		switch {
		case errors.Is(err, errBuild):
			results.add(m, "", err.Error(), time.Since(start))
		case err != nil:
			return fmt.Errorf("%s: %w", m.name, err)
		default:
			results.add(m, killer, "SURVIVED", time.Since(start))
		}
	}
	return nil
}

var errBuild = errors.New("does not compile")

// try returns the test that kills the mutant, "" if it survives.
func (m mutant) try(ctx context.Context, dir string) (killer string, err error) {
	path := filepath.Join(dir, filepath.FromSlash(m.file))
	source, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(source), m.old, m.new, 1)), 0o644); err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.WriteFile(path, source, 0o644)) }()
	for _, s := range m.suites() {
		out, ok := s.run(ctx, dir)
		if strings.Contains(out, "[build failed]") {
			return "", fmt.Errorf("%w: %.1000s", errBuild, out)
		}
		if !ok {
			return failedTest(out), ctx.Err()
		}
	}
	return "", nil
}

// run runs a suite and reports whether it passes.
func (s suite) run(ctx context.Context, dir string) (output string, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, perRun)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-count=1", "-failfast", "-vet=off", "-ldflags=-w"}, s...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), oracleSeed)
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

var failed = regexp.MustCompile(`--- FAIL: (\S+)`)

// failedTest returns the innermost of the first test that failed.
func failedTest(output string) string {
	name := ""
	for _, match := range failed.FindAllStringSubmatch(output, -1) {
		if name != "" && !strings.HasPrefix(match[1], name+"/") {
			break
		}
		name = match[1]
	}
	if name == "" {
		return "crash or end of time: " + strings.SplitN(output, "\n", 2)[0]
	}
	return name
}
