package runtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// full is an identity with everything set.
func full() runtime.Identity {
	return runtime.Identity{
		UserID: "7", Staff: true, Superuser: true, Backend: "jwt", Ambient: true,
		AuthTime:    time.Now().Add(-time.Minute),
		Permissions: []string{"blog.view_article", "blog.add_article"},
		Claims:      map[string]any{"sub": "7", "scope": "read write", "groups": []any{"a", map[string]any{"b": "c"}}},
	}
}

func TestPrincipal(t *testing.T) {
	id := full()
	p := runtime.NewPrincipal(id)
	assert.True(t, p.IsAuthenticated())
	assert.True(t, p.IsStaff())
	assert.True(t, p.IsSuperuser())
	assert.True(t, p.Ambient())
	assert.Equal(t, "7", p.UserID())
	assert.Equal(t, "jwt", p.Backend())
	assert.Equal(t, id.AuthTime, p.AuthTime())
	assert.Equal(t, id.Permissions, p.Permissions())
	assert.True(t, p.HasPermission("blog.add_article"))
	assert.True(t, p.Has(runtime.NewPermission("blog.add_article")))
	assert.True(t, p.HasScope(runtime.NewScope("write")))
	assert.True(t, p.Fresh(time.Hour))
	claim, ok := p.Claim("scope")
	assert.True(t, ok)
	assert.Equal(t, "read write", claim)
	_, ok = p.Claim("nothing")
	assert.False(t, ok)
}

// Nobody has no rights, however nobody came about.
func TestAnonymous(t *testing.T) {
	nobody := full()
	nobody.UserID = ""
	var nilPrincipal *runtime.Principal
	for name, p := range map[string]*runtime.Principal{
		"nil":          nilPrincipal,
		"zero":         new(runtime.Principal),
		"Anonymous":    runtime.Anonymous(),
		"no user id":   runtime.NewPrincipal(nobody),
		"from context": runtime.FromContext(t.Context()),
	} {
		t.Run(name, func(t *testing.T) {
			assert.False(t, p.IsAuthenticated())
			assert.False(t, p.IsStaff())
			assert.False(t, p.IsSuperuser())
			assert.False(t, p.Ambient())
			assert.Empty(t, p.UserID())
			assert.Empty(t, p.Backend())
			assert.Zero(t, p.AuthTime())
			assert.Empty(t, p.Permissions())
			assert.False(t, p.HasPermission("blog.view_article"))
			assert.False(t, p.HasPermission(""))
			assert.False(t, p.Has(runtime.NewPermission("blog.view_article")))
			assert.False(t, p.Has(runtime.Permission{}))
			assert.False(t, p.HasScope(runtime.NewScope("read")))
			assert.False(t, p.HasScope(runtime.Scope{}))
			assert.False(t, p.Fresh(math.MaxInt64))
			claim, ok := p.Claim("scope")
			assert.False(t, ok)
			assert.Nil(t, claim)
			assert.Equal(t, "anonymous", p.String())
			body, err := p.MarshalJSON()
			assert.NoError(t, err)
			assert.JSONEq(t, `{"user_id":null}`, string(body))
		})
	}
	assert.Same(t, runtime.Anonymous(), runtime.NewPrincipal(nobody))
}

func TestPrincipalJSON(t *testing.T) {
	encode := func(id runtime.Identity) string {
		body, err := json.Marshal(runtime.NewPrincipal(id))
		require.NoError(t, err)
		return string(body)
	}
	assert.Equal(t, `{"user_id":"7","is_staff":true,"is_superuser":true,"auth_backend":"jwt",`+
		`"permissions":["blog.view_article","blog.add_article"],`+
		`"auth_claims":{"groups":["a",{"b":"c"}],"scope":"read write","sub":"7"}}`, encode(full()))
	assert.Equal(t, `{"user_id":"apikey:ci","is_staff":false,"is_superuser":false,"auth_backend":"api_key","permissions":[]}`,
		encode(runtime.Identity{UserID: "apikey:ci", Backend: "api_key"}))
	assert.Equal(t, `{"user_id":null}`, encode(runtime.Identity{}))
}

// 105: staff, superuser and permissions are three things.
func TestPrincipalRightsAreApart(t *testing.T) {
	view := runtime.NewPermission("blog.view_article")
	root := runtime.NewPrincipal(runtime.Identity{UserID: "1", Superuser: true})
	assert.False(t, root.Has(view))
	assert.False(t, root.HasPermission("blog.view_article"))
	assert.False(t, root.IsStaff())
	staff := runtime.NewPrincipal(runtime.Identity{UserID: "1", Staff: true})
	assert.False(t, staff.IsSuperuser())
	assert.False(t, staff.Has(view))
}

// 55, 103: names of permissions are compared byte by byte, and the empty one is nobody's.
func TestPrincipalPermissionNames(t *testing.T) {
	p := runtime.NewPrincipal(runtime.Identity{UserID: "1", Permissions: []string{"", "blog.*", "BLOG.add", "a b", "blog.view ", "blog.view", "blog.view"}})
	for name, want := range map[string]bool{
		"": false, "blog.*": true, "blog.anything": false, "blog.add": false, "BLOG.add": true,
		"a": false, "b": false, "a b": true, "blog.view": true, "blog.view ": true, "blog.vie": false, "blog.viewer": false,
	} {
		assert.Equal(t, want, p.HasPermission(name), "%q", name)
		assert.Equal(t, want, p.Has(runtime.NewPermission(name)), "%q", name)
	}
	assert.False(t, p.Has(runtime.Permission{}))
	assert.Equal(t, []string{"", "blog.*", "BLOG.add", "a b", "blog.view ", "blog.view", "blog.view"}, p.Permissions())
	assert.Equal(t, "blog.view", runtime.NewPermission("blog.view").String())
	assert.Equal(t, runtime.NewPermission("blog.view"), runtime.NewPermission("blog.view"))
	assert.NotEqual(t, runtime.NewPermission("blog.view"), runtime.NewPermission("blog.view "))
	assert.Equal(t, runtime.Permission{}, runtime.NewPermission(""))
	assert.Empty(t, runtime.Scope{}.String())
}

// Permissions of before and after the principal, few and many, agree with the list of names.
func TestPrincipalHasAgreesWithNames(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	var permissions []runtime.Permission
	var principals []*runtime.Principal
	for round := range 300 {
		name := fmt.Sprintf("agree.%d.%d", seed, round)
		var held []string
		for range random.IntN(20) { // names of before, of now, and of later
			held = append(held, fmt.Sprintf("agree.%d.%d", seed, random.IntN(2*round+1)))
		}
		principals = append(principals, runtime.NewPrincipal(runtime.Identity{UserID: "1", Permissions: held}))
		permissions = append(permissions, runtime.NewPermission(name))
	}
	for _, p := range principals {
		for _, permission := range permissions {
			want := slices.Contains(p.Permissions(), permission.String())
			require.Equal(t, want, p.Has(permission))
			require.Equal(t, want, p.HasPermission(permission.String()))
		}
	}
}

// 55: a great many permissions.
func TestPrincipalWithManyPermissions(t *testing.T) {
	names := make([]string, 100_000)
	for i := range names {
		names[i] = fmt.Sprint("many.", i)
	}
	p := runtime.NewPrincipal(runtime.Identity{UserID: "1", Permissions: names})
	assert.True(t, p.Has(runtime.NewPermission("many.99999")))
	assert.False(t, p.Has(runtime.NewPermission("many.100000")))
}

func TestPrincipalScopes(t *testing.T) {
	tests := []struct {
		name  string
		claim any
		has   []string
		not   []string
	}{
		{"string", "read write", []string{"read", "write"}, []string{"read write", "", "writ"}},
		{"several spaces", "  read   write ", []string{"read", "write"}, []string{"", " "}},
		{"other white space is no separator", "read\twrite\nx", []string{"read\twrite\nx"}, []string{"read", "write", "x"}},
		{"commas are none", "read,write", []string{"read,write"}, []string{"read"}},
		{"case", "Read", []string{"Read"}, []string{"read"}},
		{"list", []any{"read", "write"}, []string{"read", "write"}, []string{"read write"}},
		{"list of strings", []string{"read", "a b"}, []string{"read", "a b"}, []string{"a"}},
		{"54 list with something else", []any{"read", 1}, nil, []string{"read", "1"}},
		{"list with a list", []any{"read", []any{"write"}}, nil, []string{"read", "write"}},
		{"object", map[string]any{"read": true}, nil, []string{"read"}},
		{"true", true, nil, []string{"true", "read"}},
		{"number", 1.0, nil, []string{"1"}},
		{"null", nil, nil, []string{"", "null"}},
		{"empty", "", nil, []string{""}},
		{"empty names", []any{"", ""}, nil, []string{""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := runtime.NewPrincipal(runtime.Identity{UserID: "1", Claims: map[string]any{"scope": tt.claim, "scp": "admin"}, Permissions: []string{"permission"}})
			for _, scope := range tt.has {
				assert.True(t, p.HasScope(runtime.NewScope(scope)), "%q", scope)
			}
			for _, scope := range append(tt.not, "permission", "admin") {
				assert.False(t, p.HasScope(runtime.NewScope(scope)), "%q", scope)
			}
		})
	}
}

// 110, 123: freshness.
func TestPrincipalFresh(t *testing.T) {
	now := time.Now()
	tests := []struct {
		name string
		at   time.Time
		d    time.Duration
		want bool
	}{
		{"just now", now, time.Minute, true},
		{"within", now.Add(-4 * time.Minute), 5 * time.Minute, true},
		{"too old", now.Add(-6 * time.Minute), 5 * time.Minute, false},
		{"unknown", time.Time{}, math.MaxInt64, false},
		{"123 in the future", now.Add(time.Hour), 5 * time.Minute, false},
		{"far in the future", time.Unix(1<<40, 0), math.MaxInt64, false},
		{"long ago", time.Unix(-1<<40, 0), time.Hour, false},
		{"the epoch", time.Unix(0, 0), 5 * time.Minute, false},
		{"no duration", now, 0, false},
		{"negative", now.Add(time.Minute), -time.Hour, false},
		{"least", now, math.MinInt64, false},
		{"without a monotonic clock", now.Round(0).Add(-time.Minute), 5 * time.Minute, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := runtime.NewPrincipal(runtime.Identity{UserID: "1", AuthTime: tt.at})
			assert.Equal(t, tt.want, p.Fresh(tt.d))
		})
	}
}

// The limits of freshness, to the nanosecond.
func TestPrincipalFreshLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fresh := func(age, d time.Duration) bool {
			return runtime.NewPrincipal(runtime.Identity{UserID: "1", AuthTime: time.Now().Add(-age)}).Fresh(d)
		}
		assert.True(t, fresh(0, 1))
		assert.True(t, fresh(time.Minute, time.Minute))
		assert.False(t, fresh(time.Minute+1, time.Minute))
		assert.False(t, fresh(-1, time.Minute), "123")
		assert.False(t, fresh(0, 0))
	})
}

type (
	groups []string
	labels map[string][]string
)

// Nothing that goes in or comes out can change a principal.
func TestPrincipalIsImmutable(t *testing.T) {
	fresh := func() runtime.Identity {
		return runtime.Identity{UserID: "1", Permissions: []string{"a", "b"}, Claims: map[string]any{
			"map":     map[string]any{"k": []any{map[string]any{"deep": "value"}}},
			"list":    []any{"x", []any{"y"}},
			"strings": []string{"x", "y"},
			"groups":  groups{"x"},
			"labels":  labels{"k": {"v"}},
			"ints":    map[int][]int{1: {2, 3}},
			"bytes":   []byte("abc"),
			"array":   [2][]string{{"x"}, {"y"}},
			"anys":    map[string]any{"nil": nil, "list": []any(nil), "map": map[string]any(nil)},
			"errors":  []error{nil, errors.New("x")},
			"scope":   []string{"read"},
			"number":  json.Number("1"),
			"nil":     nil,
			"nilmap":  map[string]any(nil),
			"nillist": []any(nil),
			"nilstr":  []string(nil),
			"nilints": map[int]int(nil),
		}}
	}
	want := fresh()
	given := fresh()
	p := runtime.NewPrincipal(given)
	damage := func(claims map[string]any) {
		if m, ok := claims["map"].(map[string]any); ok {
			m["k"].([]any)[0].(map[string]any)["deep"] = "changed"
			m["more"] = 1
		}
		claims["list"].([]any)[1].([]any)[0] = "changed"
		claims["strings"].([]string)[0] = "changed"
		claims["groups"].(groups)[0] = "changed"
		claims["labels"].(labels)["k"][0] = "changed"
		claims["ints"].(map[int][]int)[1][0] = 9
		claims["bytes"].([]byte)[0] = 'x'
		claims["array"].([2][]string)[0][0] = "changed"
		claims["anys"].(map[string]any)["more"] = 1
		claims["errors"].([]error)[0] = errors.New("changed")
		claims["scope"].([]string)[0] = "admin"
		clear(claims)
	}
	check := func(about string) {
		for name, value := range want.Claims {
			got, ok := p.Claim(name)
			assert.True(t, ok, "%s: %s", about, name)
			assert.Equal(t, value, got, "%s: %s", about, name)
		}
		assert.Equal(t, want.Permissions, p.Permissions(), about)
		assert.True(t, p.HasScope(runtime.NewScope("read")), about)
		assert.False(t, p.HasScope(runtime.NewScope("admin")), about)
	}
	given.Permissions[0] = "changed"
	damage(given.Claims)
	check("what went in")

	out := map[string]any{}
	for name := range want.Claims {
		out[name], _ = p.Claim(name)
	}
	damage(out)
	p.Permissions()[0] = "changed"
	check("what came out")
}

func TestPrincipalClaimsThatContainThemselves(t *testing.T) {
	claims := map[string]any{}
	claims["self"] = []any{claims}
	assert.Panics(t, func() { runtime.NewPrincipal(runtime.Identity{UserID: "1", Claims: claims}) })
	list := groupsOfAny{nil}
	list[0] = list
	assert.Panics(t, func() { runtime.NewPrincipal(runtime.Identity{UserID: "1", Claims: map[string]any{"list": list}}) })
}

type groupsOfAny []any

// 109: principals are shared between requests, and permissions may be made at any time.
func TestPrincipalRace(t *testing.T) {
	p := runtime.NewPrincipal(full())
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 200 {
				permission := runtime.NewPermission(fmt.Sprint("race.", i%2, ".", j))
				held := runtime.NewPrincipal(runtime.Identity{UserID: "1", Permissions: []string{permission.String()}})
				assert.True(t, held.Has(permission))
				assert.False(t, p.Has(permission))
				assert.True(t, p.Has(runtime.NewPermission("blog.view_article")))
				assert.True(t, p.HasScope(runtime.NewScope("read")))
				claim, _ := p.Claim("groups")
				claim.([]any)[0] = i
				p.Permissions()[0] = "x"
				_, err := p.MarshalJSON()
				assert.NoError(t, err)
			}
		})
	}
	wg.Wait()
}

// 112: no way to print a principal shows its claims.
func TestPrincipalPrinted(t *testing.T) {
	p := runtime.NewPrincipal(runtime.Identity{UserID: "7\n", Backend: "jwt", Claims: map[string]any{"password": "s3cr3t"}, Permissions: []string{"s3cr3t"}})
	assert.Equal(t, `"7\n" by "jwt"`, p.String())
	var b strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		fmt.Fprintf(&b, verb, p)
		fmt.Fprintf(&b, verb, []*runtime.Principal{p})
	}
	for _, handler := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
		slog.New(handler).InfoContext(t.Context(), "x", "principal", p)
	}
	assert.Contains(t, b.String(), "jwt")
	assert.NotContains(t, b.String(), "s3cr3t")
}

func TestContext(t *testing.T) {
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "value")
	assert.Same(t, runtime.Anonymous(), runtime.FromContext(ctx))

	ctx = runtime.NewContext(ctx, alice)
	assert.Same(t, alice, runtime.FromContext(ctx))
	assert.Equal(t, "value", ctx.Value(key{}))
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	assert.Same(t, alice, runtime.FromContext(inner))

	assert.Same(t, runtime.Anonymous(), runtime.FromContext(runtime.NewContext(ctx, nil)), "the inner one counts")
}
