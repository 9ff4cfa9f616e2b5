package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/boltauthgen/boltauthgen/bench"
)

// serveRow serves a row on a free port. It writes the address, and for every line that it reads the time that the process has spent on
// the processor so far. It returns when there are no more lines, so it does not outlive the process that started it.
func serveRow(row bench.Row, in io.Reader, out io.Writer) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: row.Handler, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	fmt.Fprintln(out, listener.Addr())
	for lines := bufio.NewScanner(in); lines.Scan(); {
		spent, err := processorTime()
		if err != nil {
			return err
		}
		fmt.Fprintln(out, spent)
	}
	if err := server.Close(); err != nil {
		return err
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// processorTime returns how long this process was on a processor, the kernel's work for it included.
func processorTime() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, fmt.Errorf("read processor time: %w", err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}

// A process is a server in a process of its own.
type process struct {
	command *exec.Cmd
	stdin   io.WriteCloser
	stdout  *bufio.Reader
	address string
}

// startProcess starts this program as the server of a row. It ends with the context at the latest.
func startProcess(ctx context.Context, row bench.Row, procs int) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, self, "-serve", row.Name)
	command.Env = append(os.Environ(), fmt.Sprint("GOMAXPROCS=", procs))
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start server: %w", err)
	}
	p := &process{command: command, stdin: stdin, stdout: bufio.NewReader(stdout)}
	if p.address, err = p.line(); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

func (p *process) line() (string, error) {
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("read from server: %w", err)
	}
	return strings.TrimSpace(line), nil
}

// processorTime asks the process for its processor time.
func (p *process) processorTime() (time.Duration, error) {
	if _, err := fmt.Fprintln(p.stdin, "time"); err != nil {
		return 0, fmt.Errorf("ask server: %w", err)
	}
	line, err := p.line()
	if err != nil {
		return 0, err
	}
	return time.ParseDuration(line)
}

// stop ends the process, which has five seconds for it, and waits.
func (p *process) stop() error {
	timer := time.AfterFunc(5*time.Second, func() { _ = p.command.Process.Kill() })
	defer timer.Stop()
	return errors.Join(p.stdin.Close(), p.command.Wait())
}
