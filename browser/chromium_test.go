package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

var (
	chromium context.Context // of the browser that all tests share, each with profiles of its own
	blog     string          // the program of examples/annotated
)

func TestMain(m *testing.M) {
	status, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "browser:", err)
		status = 1
	}
	os.Exit(status)
}

// run runs the tests, and returns the status to exit with. Of what it starts and writes nothing is left.
func run(m *testing.M) (status int, err error) {
	directory, err := os.MkdirTemp("", "browser")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(directory)) }()
	if blog, err = buildBlog(directory); err != nil {
		return 0, err
	}
	if err := allowThirdPartyCookies(directory); err != nil {
		return 0, err
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), flags(directory)...)
	defer stop()
	var kill context.CancelFunc
	chromium, kill = chromedp.NewContext(allocator, chromedp.WithErrorf(func(format string, arguments ...any) {
		fmt.Fprintf(os.Stderr, "browser: "+format+"\n", arguments...)
	}))
	defer kill()
	if err := chromedp.Do(chromium); err != nil { // it starts now, and not within the time of a test
		return 0, fmt.Errorf("start Chromium, which ./install installs: %w", err)
	}
	status = m.Run()
	closing, cancel := context.WithTimeout(chromium, 10*time.Second)
	defer cancel()
	return status, chromedp.Cancel(closing)
}

// buildBlog builds the program as people do.
func buildBlog(directory string) (executable string, err error) {
	executable = filepath.Join(directory, "blog")
	build := exec.Command("go", "build", "-o", executable, ".")
	build.Dir = filepath.Join("..", "examples", "annotated")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", build.Dir, err, output)
	}
	return executable, nil
}

// allowThirdPartyCookies has Chromium send cookies with whatever other sites cause, as long as SameSite does not forbid
// it. Debian's would not, but others do.
func allowThirdPartyCookies(directory string) error {
	profile := filepath.Join(directory, "profile", "Default")
	if err := os.MkdirAll(profile, 0o700); err != nil {
		return err
	}
	preferences := `{"profile": {"cookie_controls_mode": 0, "block_third_party_cookies": false}}`
	return os.WriteFile(filepath.Join(profile, "Preferences"), []byte(preferences), 0o600)
}

// flags have Chromium run as root, without a window, and talk to nobody but this machine.
func flags(directory string) []chromedp.ExecAllocatorOption {
	return []chromedp.ExecAllocatorOption{
		chromedp.ExecPath("chromium"),
		chromedp.UserDataDir(filepath.Join(directory, "profile")),
		chromedp.Env("HOME="+directory, "DBUS_SESSION_BUS_ADDRESS=disabled:", "LANGUAGE=en"),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-default-apps", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-breakpad", true),
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
		chromedp.Flag("password-store", "basic"),
		chromedp.Flag("disable-popup-blocking", true),
		chromedp.Flag("disable-ipc-flooding-protection", true), // tests navigate faster than people
	}
}
