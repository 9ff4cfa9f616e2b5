package runtime

import "context"

// principalKey is the key of the principal in a context.
type principalKey struct{}

// A principalContext is a context that holds a principal: one allocation instead of the two of context.WithValue and
// its value.
type principalContext struct {
	context.Context
	principal *Principal
}

func (c *principalContext) Value(key any) any {
	if key == (principalKey{}) {
		return c.principal
	}
	return c.Context.Value(key)
}

// NewContext returns a context in which [FromContext] finds the principal. Generated code does this for every
// request; it is for tests, and for applications that have handlers outside of the generated server. A nil principal
// is the anonymous one.
func NewContext(ctx context.Context, p *Principal) context.Context {
	return &principalContext{Context: ctx, principal: p}
}

// FromContext returns the principal of the request that the context belongs to. It is never nil: without a principal
// in the context it is the anonymous one.
func FromContext(ctx context.Context) *Principal {
	if p, ok := ctx.Value(principalKey{}).(*Principal); ok && p != nil {
		return p
	}
	return anonymous
}
