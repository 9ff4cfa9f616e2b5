package otelobserver

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"

	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// mark says in the span of a request what became of it.
func (o *Observer) mark(span trace.Span, s *series, e runtime.Event) {
	span.SetAttributes(s.span...)
	if o.userID && e.UserID != "" {
		span.SetAttributes(semconv.EnduserID(valid(e.UserID)))
	}
	if e.Status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, "")
		span.SetAttributes(semconv.ErrorTypeKey.String(errorType(e)))
	}
}

// fmtError is the type of what fmt.Errorf makes of one error.
var fmtError = reflect.TypeOf(fmt.Errorf("%w", errors.ErrUnsupported))

// errorType returns the type of the error that says most about what happened. It asks errors for nothing but what they
// wrap: whatever else they return may hold anything.
func errorType(e runtime.Event) string {
	err := e.Err
	for err != nil {
		if _, ok := err.(*runtime.Error); !ok && reflect.TypeOf(err) != fmtError {
			return fmt.Sprintf("%T", err)
		}
		err = errors.Unwrap(err)
	}
	return string(e.Reason)
}
