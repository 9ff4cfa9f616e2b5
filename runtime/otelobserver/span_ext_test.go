package otelobserver_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/boltauthgen/boltauthgen/internal/observertest"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/otelobserver"
)

// attributes returns those of a span as text.
func attributes(span tracetest.SpanStub) map[attribute.Key]string {
	all := map[attribute.Key]string{}
	for _, a := range span.Attributes {
		all[a.Key] = a.Value.AsString()
	}
	return all
}

func TestSpans(t *testing.T) {
	type attrs = map[attribute.Key]string
	base := func(handler, route, backend, outcome, reason string) attrs {
		a := attrs{"http.route": route, "boltauthgen.handler": handler, "boltauthgen.outcome": outcome, "boltauthgen.reason": reason}
		if backend != "" {
			a["boltauthgen.backend"] = backend
		}
		return a
	}
	s := newTelemetry(t)
	api := observertest.Serve(t, "jwt", runtime.WithObserver(s.observer()))
	for _, c := range []struct {
		path, order string
		attributes  attrs
		errorType   string // "": the server did as it should
	}{
		{"/articles/1", "good", base("Articles", "/articles/{id}", "jwt", "allowed", "accepted"), ""},
		{"/articles/1", "", base("Articles", "/articles/{id}", "", "refused", "no_credentials"), ""},
		{"/articles/1", "invalid", base("Articles", "/articles/{id}", "jwt", "refused", "invalid_credentials"), ""},
		{"/articles/1", "throttled", base("Articles", "/articles/{id}", "jwt", "refused", "throttled"), ""},
		{"/denied", "good", base("Denied", "/denied", "jwt", "refused", "denied"), ""},
		{"/missing", "good", base("Missing", "/missing", "jwt", "failed", "handler_error"), ""},
		{"/open", "", base("Open", "/open", "", "allowed", "no_credentials"), ""},
		{"/open", "unavailable", base("Open", "/open", "jwt", "allowed", "unavailable"), ""},

		{"/articles/1", "unavailable", base("Articles", "/articles/{id}", "jwt", "refused", "unavailable"), "unavailable"},
		{"/articles/1", "error", base("Articles", "/articles/{id}", "jwt", "refused", "backend_error"), "*errors.errorString"},
		{"/articles/1", "panic", base("Articles", "/articles/{id}", "jwt", "refused", "backend_panic"), "*runtime.panicError"},
		{"/guard", "good", base("GuardError", "/guard", "jwt", "refused", "guard_error"), "*errors.errorString"},
		{"/panic", "good", base("Panic", "/panic", "jwt", "refused", "panic"), "*runtime.panicError"},
		{"/undecided", "good", base("Undecided", "/undecided", "jwt", "refused", "undecided"), "*errors.errorString"},
		{"/broken", "good", base("Broken", "/broken", "jwt", "failed", "handler_error"), "*errors.errorString"},
		{"/begun", "good", base("Begun", "/begun", "jwt", "failed", "handler_error"), "*errors.errorString"},
	} {
		span := s.span(api, observertest.NewRequest("GET", c.path, c.order))
		want := trace.Status{}
		if c.errorType != "" {
			c.attributes["error.type"] = c.errorType
			want = trace.Status{Code: codes.Error}
		}
		assert.Equal(t, c.attributes, attributes(span), "%s %s", c.path, c.order)
		assert.Equal(t, want, span.Status, "%s %s", c.path, c.order)
		assert.Empty(t, span.Events)
	}
}

// A Chatty error says more than its type wherever it is asked.
type chatty struct{}

func (*chatty) Error() string     { return observertest.Secret }
func (*chatty) ErrorType() string { return observertest.Secret }

func TestErrorType(t *testing.T) {
	s := newTelemetry(t)
	o := s.observer()
	for _, c := range []struct {
		err  error
		want string
	}{
		{nil, "guard_error"},
		{new(chatty), "*otelobserver_test.chatty"},
		{fmt.Errorf("a: %w", fmt.Errorf("b: %w", new(chatty))), "*otelobserver_test.chatty"},
		{runtime.NewError(500, observertest.Secret, fmt.Errorf("a: %w", new(chatty))), "*otelobserver_test.chatty"},
		{runtime.NewError(500, observertest.Secret, nil), "guard_error"},
		{(*runtime.Error)(nil), "guard_error"},
		{errors.Join(new(chatty), new(chatty)), "*errors.joinError"},
		{http.ErrAbortHandler, "*errors.errorString"},
	} {
		s.spans.Reset()
		ctx, span := s.traces.Tracer("test").Start(t.Context(), "request")
		o.Observe(ctx, runtime.Event{Route: route, Outcome: runtime.OutcomeRefused, Reason: runtime.ReasonGuardError, Status: 500, Err: c.err})
		span.End()
		require.Len(t, s.spans.GetSpans(), 1)
		assert.Equal(t, c.want, attributes(s.spans.GetSpans()[0])["error.type"])
	}
}

// The user's id is in spans if it is asked for, and never in metrics.
func TestUserID(t *testing.T) {
	s := newTelemetry(t)
	api := observertest.Serve(t, "jwt", runtime.WithObserver(s.observer(otelobserver.WithUserID())))
	assert.Equal(t, "alice-"+observertest.Secret, attributes(s.span(api, observertest.NewRequest("GET", "/articles/1", "good")))["enduser.id"])
	assert.NotContains(t, attributes(s.span(api, observertest.NewRequest("GET", "/articles/1", ""))), attribute.Key("enduser.id"))
	assert.NotContains(t, fmt.Sprintf("%+v", s.collect()), "alice")
}

// Nothing of a request, of the user, or of an error's text gets into metrics or spans.
func TestSecretsStay(t *testing.T) {
	s := newTelemetry(t)
	sent := observertest.Everything(t, s.traced(observertest.Serve(t, "jwt", runtime.WithObserver(s.observer()))))
	require.Len(t, s.spans.GetSpans(), sent)
	for _, text := range []string{fmt.Sprintf("%+v", s.spans.GetSpans()), fmt.Sprintf("%+v", s.collect())} {
		assert.Contains(t, text, "Articles")
		assert.NotContains(t, text, observertest.Secret)
		assert.NotContains(t, text, "alice")
		assert.NotContains(t, text, "careless")
	}
}

// A span that is not sampled is left alone, and measured all the same.
func TestSpanThatIsNotRecording(t *testing.T) {
	s := newTelemetry(t)
	tracer := trace.NewTracerProvider(trace.WithSampler(trace.NeverSample()), trace.WithSyncer(s.spans)).Tracer("test")
	ctx, span := tracer.Start(t.Context(), "request")
	o := s.observer()
	assert.Zero(t, testing.AllocsPerRun(100, func() { o.Observe(ctx, allowed) }))
	span.End()
	assert.Empty(t, s.spans.GetSpans())
	assert.EqualValues(t, 101, sum(s.counts(decisions)))
}
