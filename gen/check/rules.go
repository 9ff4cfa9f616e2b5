package check

import "github.com/boltauthgen/boltauthgen/gen/diag"

// The rules of this stage.
var (
	typeError = diag.Rule{ID: "type-error",
		Summary: "The declaration of a handler or provider does not type-check.",
		Format:  "%s"}
	noHandler = diag.Rule{ID: "no-handler",
		Summary: "A route or guard stands on a function that cannot be a handler.",
		Format:  "%s cannot be a handler",
		Hint:    "a handler has a body and a name that can be called"}
	contradiction = diag.Rule{ID: "contradiction",
		Summary: "Two directives on one function exclude each other.",
		Format:  "//auth:%s and //auth:%s exclude each other on one function"}
	idleDirective = diag.Rule{ID: "idle-directive",
		Summary: "A directive on a function that is no handler does nothing.",
		Format:  "//auth:%s does nothing on a function without //auth:route or //auth:guard",
		Hint:    "add //auth:route METHOD /path, or //auth:guard for a handler that is routed by hand"}
	idleType = diag.Rule{ID: "idle-type",
		Summary: "A directive stands on a type that has no handlers.",
		Format:  "//auth:%s does nothing here: no method of %s has a route or a guard",
		Hint:    "add //auth:route above a method, or delete the directive"}
	hidesBuiltin = diag.Rule{ID: "shadows-builtin",
		Summary: shadowsBuiltin.Summary,
		Format:  "%s is the name of a built-in guard, which would mean this parameter in the handler's guard",
		Hint:    "rename it"}
	generic = diag.Rule{ID: "generic",
		Summary: "A handler or its receiver has type parameters.",
		Format:  "%s has type parameters, so that there is no one type to generate for"}
	variadic = diag.Rule{ID: "variadic",
		Summary: "A handler is variadic.",
		Format:  "%s is variadic; nothing can be bound to its last parameter"}
	badResults = diag.Rule{ID: "bad-results",
		Summary: "A handler returns something other than nothing, an error, a value, or a value and an error.",
		Format:  "%s returns what cannot be answered",
		Hint:    "a handler returns nothing, error, T or (T, error)"}
	takenName = diag.Rule{ID: "taken-name",
		Summary: "The generated code would declare a name a second time.",
		Format:  "the name %s is taken: %s"}
	shadowsBuiltin = diag.Rule{ID: "shadows-builtin",
		Summary: "The package defines or dot-imports a name of a built-in guard.",
		Help:    "A guard must mean the same to every reader, so the names of the built-in guards cannot be taken.",
		Format:  "%s is the name of a built-in guard, and the package declares one of its own",
		Hint:    "rename it"}
	looksBuiltin = diag.Rule{ID: "shadows-builtin",
		Summary: shadowsBuiltin.Summary,
		Format:  "%s looks like the built-in guard %s and is another one",
		Hint:    "rename it, or write the name of the built-in guard in ASCII"}
	importsBuiltin = diag.Rule{ID: "shadows-builtin",
		Summary: shadowsBuiltin.Summary,
		Format:  "%s is the name of a built-in guard, and this import brings in another one",
		Hint:    "import the package under another name"}

	badPattern = diag.Rule{ID: "bad-pattern",
		Summary: "A route has a pattern that net/http refuses.",
		Format:  "bad pattern %s: %s",
		Hint:    "a pattern is [METHOD ][HOST]/PATH, as for http.ServeMux"}
	badPrefix = diag.Rule{ID: "bad-prefix",
		Summary: "A prefix is no path that others can follow.",
		Format:  "bad prefix %q",
		Hint:    "a prefix begins with a slash, ends without one, and has no {name...}"}
	conflict = diag.Rule{ID: "route-conflict",
		Summary: "Two routes match the same requests and neither is more specific.",
		Format:  "%s conflicts with %s"}
	hostOverlap = diag.Rule{ID: "host-overlap",
		Summary: "A pattern with a host and one without match the same path under different guards.",
		Help:    "Who sends the request chooses the Host header, and so which of the two guards is asked: the weaker one counts for both.",
		Format:  "%s and %s match the same path, and whoever sends the request chooses between their guards by its Host header",
		Hint:    "give both the same guards and backends, or take the host out of the pattern"}

	unguarded = diag.Rule{ID: "unguarded-route",
		Summary: "A route has no guard.",
		Help:    "Every handler has an effective guard: its own, its type's or its package's.",
		Format:  "%s has no guard",
		Hint:    "write //auth:guard IsAuthenticated(), or //auth:guard AllowAny() if it is meant for everyone"}
	unparsable = diag.Rule{ID: "directive-syntax",
		Summary: "What stands behind a directive is not Go.",
		Format:  "%s"}
	commentInside = diag.Rule{ID: "comment-inside",
		Summary: "A directive contains a comment.",
		Format:  "a directive must not contain a comment: a reader would take it for a part of the guard",
		Hint:    "put it on a line of its own, above"}
	illTyped = diag.Rule{ID: "ill-typed",
		Summary: "What stands behind a directive does not type-check in the handler's scope.",
		Format:  "%s"}
	notBoolean = diag.Rule{ID: "not-boolean",
		Summary: "An operand of a guard is not boolean.",
		Format:  "%s is %s, not a boolean"}
	constantGuard = diag.Rule{ID: "constant-guard",
		Summary: "An operand of a guard is a constant.",
		Format:  "%s is always %v, so it decides nothing",
		Hint:    "write AllowAny() for everyone; delete the route that is for nobody"}
	neverHolds = diag.Rule{ID: "never-holds",
		Summary: "A guard can never hold.",
		Format:  "the guard of %s can never hold"}
	errorCallBelow = diag.Rule{ID: "error-call-below",
		Summary: "A call that returns an error stands below || or !.",
		Help:    "An error must refuse the request. Below || or ! it would be turned into an answer.",
		Format:  "%s returns an error, so it must be a step of its own",
		Hint:    "put it on an //auth:guard line of its own, or beside a top-level &&"}
	notAllowed = diag.Rule{ID: "not-policy",
		Summary: "A guard contains what cannot be read or checked as policy.",
		Format:  "%s is not allowed here",
		Hint:    "write a function and call it"}
	notAllowedName = diag.Rule{ID: "not-policy",
		Summary: notAllowed.Summary,
		Format:  notAllowed.Format,
		Hint:    "a guard decides by the request and by what providers return"}
	builtinValue = diag.Rule{ID: "builtin-as-value",
		Summary: "A built-in guard is used as a value.",
		Format:  "%s is a built-in guard, which can be called only"}
	captured = diag.Rule{ID: "captured-name",
		Summary: "A default names what is something else in a handler's scope.",
		Help:    "A default sees the receiver, package-level names and imports only. It reads as if it stood on each handler, so a parameter of the same name would change its meaning.",
		Format:  "%s is a parameter or result of %s, but a default sees only the receiver, package-level names and imports"}
	capturedByReceiver = diag.Rule{ID: "captured-name",
		Summary: captured.Summary,
		Help:    captured.Help,
		Format:  "%s is the receiver of %s here, but something else in %s",
		Hint:    "give the receiver another name, or write the directive on each handler"}
	otherImport = diag.Rule{ID: "captured-import",
		Summary: "A default names an import by a name that means another one in a handler's file.",
		Format:  "%s is %s here, but %s in the file of %s"}

	allowAnyMisplaced = diag.Rule{ID: "misplaced-allow-any",
		Summary: "AllowAny() stands where it does not make a route public.",
		Help:    "A route is public if and only if the first operand of its handler's only guard line is AllowAny(). Anywhere else it would let nobody in while it reads as if it did.",
		Format:  "AllowAny() must be the first operand of the handler's first own guard line",
		Hint:    "write //auth:guard AllowAny(), or //auth:guard AllowAny() && …, on the handler"}
	allowAnyBeside = diag.Rule{ID: "allow-any-beside",
		Summary: "A second guard line stands beside AllowAny().",
		Format:  "a handler with AllowAny() has this one guard line only",
		Hint:    "write AllowAny() && … on one line"}
	needsBackend = diag.Rule{ID: "needs-backend",
		Summary: "A guard needs authentication where there is no backend.",
		Format:  "the guard of %s needs authentication, but no backend counts here",
		Hint:    "write //auth:backend …, on the handler, its type or the package clause"}
	needsBackendHere = diag.Rule{ID: "needs-backend",
		Summary: needsBackend.Summary,
		Format:  "%s needs authentication, but no backend counts here",
		Hint:    needsBackend.Hint}
	notBackend = diag.Rule{ID: "not-a-backend",
		Summary: "What stands behind //auth:backend is no Authenticator.",
		Format:  "%s is %s, which is no runtime.Authenticator"}
	backendParameter = diag.Rule{ID: "backend-parameter",
		Summary: "A backend names a parameter.",
		Format:  "the backend %s names a parameter, but backends are evaluated once, at start",
		Hint:    "name the receiver, package-level or imported names"}
	repeatedBackend = diag.Rule{ID: "repeated-backend",
		Summary: "A backend is named twice in one list.",
		Format:  "the backend %s is named twice"}

	noNames = diag.Rule{ID: "no-names",
		Summary: "A guard asks for no permission or scope at all.",
		Format:  "%s needs at least one argument"}
	notConstant = diag.Rule{ID: "not-constant",
		Summary: "A permission or scope is not a constant.",
		Format:  "%s is not a constant string",
		Hint:    "permissions and scopes are constants, so that they can be checked before the program runs"}
	blankName = diag.Rule{ID: "blank-name",
		Summary: "A permission or scope is empty, has white space around it, or characters that cannot be seen.",
		Format:  "%s is no name of a permission or scope"}
	badScope = diag.Rule{ID: "bad-scope",
		Summary: "A scope is not one scope-token of RFC 6749.",
		Format:  "%s is not one scope of RFC 6749 section 3.3",
		Hint:    "name several scopes as several arguments"}
	repeatedName = diag.Rule{ID: "repeated-name",
		Summary: "A permission or scope is named twice in one guard.",
		Format:  "%s is named twice"}
	unknownPermission = diag.Rule{ID: "unknown-permission",
		Summary: "A guard names a permission that is not in the catalogue.",
		Format:  "%q is not in the catalogue of permissions"}
	badCatalogue = diag.Rule{ID: "bad-catalogue",
		Summary: "A constant of the catalogue is no non-empty string.",
		Format:  "%s is no permission: its value must be a non-empty string of printable characters, without white space around it"}
	badAge = diag.Rule{ID: "bad-age",
		Summary: "The age that Fresh asks for is not positive.",
		Format:  "Fresh can never hold with %s"}

	badProvider = diag.Rule{ID: "bad-provider",
		Summary: "A function cannot be a provider.",
		Format:  "%s cannot be a provider",
		Hint:    "a provider has a name, returns T or (T, error), and is neither generic nor variadic"}
	badProvided = diag.Rule{ID: "bad-provided",
		Summary: "A provider returns what has another meaning as a parameter.",
		Format:  "%s provides %s, which has a meaning of its own as a parameter"}
	unbound = diag.Rule{ID: "unbound-parameter",
		Summary: "Nothing binds a parameter.",
		Format:  "nothing binds the parameter %s of %s"}
	ambiguous = diag.Rule{ID: "ambiguous-parameter",
		Summary: "More than one thing binds a parameter.",
		Format:  "%s: the parameter %s is bound by %s"}
	sameValue = diag.Rule{ID: "same-value",
		Summary: "Two parameters of one function would get the same value.",
		Help:    "A provider is called once a request, so a guard that compares two parameters of its type would compare a value with itself.",
		Format:  "%s of %s would have the same value as the one before it: %s provides both",
		Hint:    "give what they hold two types, or delete one of them"}
	circular = diag.Rule{ID: "circular-providers",
		Summary: "A provider needs itself.",
		Format:  "providers need each other in a circle: %s"}
	writerInProvider = diag.Rule{ID: "writer-in-provider",
		Summary: "A provider takes the http.ResponseWriter.",
		Format:  "the provider %s takes the http.ResponseWriter, but only handlers may write"}
	providerOnPublic = diag.Rule{ID: "principal-on-public-route",
		Summary: "A provider that needs the principal is used on a public route.",
		Help:    "On a public route the principal may be anonymous. A provider that can live with that says so by //auth:provide optional.",
		Format:  "%s is public, but its provider %s needs the principal",
		Hint:    "write //auth:provide optional above the provider if it can serve anonymous requests"}
)

// Rules returns the rules of this stage.
func Rules() []diag.Rule {
	return []diag.Rule{typeError, noHandler, contradiction, idleDirective, idleType, generic, variadic, badResults, takenName,
		shadowsBuiltin, badPattern, badPrefix, conflict, hostOverlap, unguarded, unparsable, commentInside, illTyped,
		notBoolean, constantGuard, neverHolds, errorCallBelow, notAllowed, builtinValue, captured, otherImport,
		allowAnyMisplaced, allowAnyBeside, needsBackend, notBackend, backendParameter, repeatedBackend, noNames,
		notConstant, blankName, badScope, repeatedName, unknownPermission, badCatalogue, badAge, badProvider,
		badProvided, unbound, ambiguous, sameValue, circular, writerInProvider, providerOnPublic}
}
