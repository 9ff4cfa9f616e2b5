package runtime

import (
	"context"
	"io"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A deaf handler has nobody who listens.
type deaf struct{ slog.Handler }

func (deaf) Enabled(context.Context, slog.Level) bool { return false }

// Nothing is done for a log that nobody keeps.
func TestLogObserverAsksFirst(t *testing.T) {
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	slog.SetDefault(slog.New(deaf{}))
	e := Event{Route: &Route{Name: "Test"}, Outcome: OutcomeRefused, Status: 401, Backend: "jwt", Err: io.EOF, Stack: []byte("x")}
	assert.Zero(t, testing.AllocsPerRun(10, func() { logObserver{}.Observe(t.Context(), e) }))
}
