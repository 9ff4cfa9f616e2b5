package main

import (
	"fmt"
	"os"
	"sync"
	"time"
)

// isTerminal reports whether a file is a terminal that understands ANSI sequences. On Windows those that do set a variable.
func isTerminal(f *os.File, getenv func(string) string) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	term := getenv("TERM")
	return term != "" && term != "dumb" || getenv("WT_SESSION") != ""
}

// progressAfter is how long a job runs before it says that it does.
const progressAfter = 2 * time.Second

// startProgress keeps a line on the terminal while a long job runs. The function that it returns removes the line, and
// must be called before anything else is printed.
func (a *app) startProgress() (stop func()) {
	if !a.terminal {
		return func() {}
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		start, shown := time.Now(), false
		wait := time.NewTimer(progressAfter)
		defer wait.Stop()
		for {
			select {
			case <-done:
				if shown {
					fmt.Fprint(a.stderr, "\r\x1b[K")
				}
				return
			case <-wait.C:
				shown = true
				fmt.Fprintf(a.stderr, "\rboltauthgen: working, %d s", int(time.Since(start).Seconds()))
				wait.Reset(time.Second)
			}
		}
	})
	return func() {
		close(done)
		wg.Wait()
	}
}
