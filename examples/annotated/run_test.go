package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// startProgram runs the program until the test ends, and returns what it printed before it began to serve.
func startProgram(t *testing.T, variables map[string]string) (printed []string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, environmentOf(variables), in)
		in.CloseWithError(err)
		ended <- err
	}()
	t.Cleanup(func() {
		cancel()
		assert.NoError(t, <-ended, "it stops in peace")
	})
	lines := bufio.NewScanner(out)
	for blank := 0; blank < 2 && lines.Scan(); { // one blank line before the commands, one behind
		if lines.Text() == "" {
			blank++
		}
		printed = append(printed, lines.Text())
	}
	require.NoError(t, lines.Err())
	return printed
}

// commandsOf returns the lines for a shell, and for those that have a comment the status in it.
func commandsOf(printed []string) (commands, statuses []string) {
	for _, line := range printed[2 : len(printed)-1] {
		command, comment, _ := strings.Cut(line, " # ")
		status, _, _ := strings.Cut(comment, ":")
		commands, statuses = append(commands, command), append(statuses, status)
	}
	return commands, statuses
}

func TestTourHoldsWhatItPromises(t *testing.T) {
	for name, variables := range map[string]map[string]string{
		"as it comes":    {"ADDR": "127.0.0.1:0"},
		"another header": {"ADDR": "127.0.0.1:0", "JWT_HEADER": "X-Token", "SECRET_KEY": secret},
	} {
		t.Run(name, func(t *testing.T) {
			printed := startProgram(t, variables)
			commands, statuses := commandsOf(printed)
			require.Greater(t, len(commands), 25)
			takeTour(t, commands, statuses)
		})
	}
}

// takeTour gives the commands to a shell, as somebody would who pastes them, and compares the statuses.
func takeTour(t *testing.T, commands, statuses []string) {
	t.Helper()
	_, err := exec.LookPath("curl")
	require.NoError(t, err, "the commands are for curl")
	var script strings.Builder
	for i, command := range commands {
		fmt.Fprintf(&script, "echo; echo '=== %d'\n%s\n", i, command)
	}
	shell := exec.CommandContext(t.Context(), "sh")
	shell.Stdin = strings.NewReader(script.String())
	output, err := shell.Output()
	require.NoError(t, err)
	answers := strings.Split("\n"+string(output), "\n=== ")[1:]
	require.Len(t, answers, len(commands))
	for i, answer := range answers {
		if statuses[i] == "" {
			continue
		}
		_, answer, _ = strings.Cut(answer, "\n")
		got, _, _ := strings.Cut(answer, "\r\n")
		require.True(t, strings.HasPrefix(got, "HTTP/1.1 "), "%s\n%s", commands[i], answer)
		assert.Equal(t, statuses[i], strings.Fields(got)[1], "%s\n%s", commands[i], answer)
	}
}

func TestTourVisitsEveryRoute(t *testing.T) {
	guarded, err := NewGuardedServer(newBlog(t, nil).server)
	require.NoError(t, err)
	visited := map[string]bool{}
	for _, s := range (tour{base: "http://host", header: "Authorization", issues: true, apiKey: "key"}).stops() {
		visited[routeOf(s.command)] = true
	}
	for _, route := range guarded.Routes() {
		assert.True(t, visited[route.Pattern], route.Pattern)
	}
}

// routeOf returns the pattern of the request that a command sends.
func routeOf(command string) string {
	method := http.MethodGet
	if strings.Contains(command, "-d ") {
		method = http.MethodPost
	}
	if _, after, found := strings.Cut(command, "-X "); found {
		method, _, _ = strings.Cut(after, " ")
	}
	_, path, _ := strings.Cut(command, "http://host")
	path, _, _ = strings.Cut(path, " ")
	return method + " " + strings.Replace(path, "$article", "{id}", 1)
}

func TestTourWithoutTokens(t *testing.T) {
	var printed strings.Builder
	tour{base: "http://host"}.print(&printed)
	assert.NotContains(t, printed.String(), "/auth/token", "where tokens come from elsewhere")
	assert.NotContains(t, printed.String(), "X-API-Key", "where keys come from a file")
	assert.Contains(t, printed.String(), "/public")
}

func TestRunRefusesToStart(t *testing.T) {
	for name, variables := range map[string]map[string]string{
		"ADDR":       {"ADDR": "nowhere"},
		"DATABASE":   {"DATABASE": t.TempDir()},
		"SECRET_KEY": {"SECRET_KEY": ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := run(t.Context(), environmentOf(variables), io.Discard)
			assert.ErrorContains(t, err, name+": ")
		})
	}
}

func TestDatabaseStays(t *testing.T) {
	path := t.TempDir() + "/a blog?#%.db"
	first := newBlog(t, map[string]string{"SECRET_KEY": secret, "DATABASE": path})
	token := "Bearer " + first.token("alice")
	a := first.send("POST", "/articles", `{"title":"Stays","body":""}`, "Authorization", token)
	require.Equal(t, http.StatusCreated, a.status, a.body)
	second := newBlog(t, map[string]string{"SECRET_KEY": secret, "DATABASE": path})
	a = second.send("GET", "/articles", "", "Authorization", token)
	assert.Equal(t, http.StatusOK, a.status)
	assert.Contains(t, a.body, "Stays")
	assert.Equal(t, 1, strings.Count(a.body, "Alice writes about guards"), "users and articles are seeded once")
}

func TestServeFinishesRequests(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	begun, finish := make(chan struct{}), make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-finish
		w.WriteHeader(http.StatusTeapot)
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, listener, handler) }()
	status := make(chan int, 1)
	go func() {
		response, err := http.Get("http://" + listener.Addr().String())
		if assert.NoError(t, err) {
			response.Body.Close()
			status <- response.StatusCode
		}
		close(status)
	}()
	<-begun
	cancel()
	require.Eventually(t, func() bool {
		connection, err := net.Dial("tcp", listener.Addr().String())
		if err == nil {
			connection.Close()
		}
		return err != nil
	}, time.Minute, 10*time.Millisecond, "nobody new gets in")
	close(finish)
	assert.Equal(t, http.StatusTeapot, <-status)
	assert.NoError(t, <-ended)
}
