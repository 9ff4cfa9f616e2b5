package directive

import "github.com/boltauthgen/boltauthgen/gen/diag"

// The rules of this stage.
var (
	nearMissRule = diag.Rule{ID: "near-miss",
		Summary: "A comment looks like a directive and is none.",
		Help:    "A directive is written //auth:NAME, without spaces around the name, and in a line comment. What is written otherwise would be ignored, and the route would stand open.",
		Format:  "%q looks like a directive and is none"}
	unknown = diag.Rule{ID: "unknown-directive",
		Summary: "A directive has a name that does not exist.",
		Format:  "unknown directive //auth:%s"}
	hidden = diag.Rule{ID: "hidden-character",
		Summary: "A directive contains a character that cannot be seen.",
		Help:    "Bidirectional and zero-width characters make a guard read as another than it is.",
		Format:  "a directive must not contain the invisible character %U",
		Hint:    "delete it, and find out how it came here"}
	outsideDocComment = diag.Rule{ID: "stray-directive",
		Summary: "A directive does not belong to a declaration.",
		Help:    "A directive belongs to the declaration below it if there is no blank line in between.",
		Format:  "//auth:%s stands outside of a doc comment, where it has no meaning"}
	misplaced = diag.Rule{ID: "misplaced-directive",
		Summary: "A directive stands on a declaration where it has no meaning.",
		Format:  "//auth:%s has no meaning on %s; it stands on %s"}
	inTestFile = diag.Rule{ID: "directive-in-test",
		Summary: "A directive stands in a test file.",
		Format:  "//auth:%s stands in a test file, where nothing is generated",
		Hint:    "move the handler to a file of the package, or delete the directive"}
	inConstrainedFile = diag.Rule{ID: "directive-under-constraint",
		Summary: "A directive stands in a file that is not part of every build.",
		Help:    "The generated file is compiled in every build, and a guard that one build lacks would be an open door there.",
		Format:  "//auth:%s stands in a file under a build constraint",
		Hint:    "move the declaration to a file without a //go:build line, import \"C\" and a system's name in its own"}
	severalClauses = diag.Rule{ID: "several-package-clauses",
		Summary: "The package clauses of several files carry directives.",
		Help:    "The package's defaults stand in one place, where a reviewer finds all of them.",
		Format:  "only one file's package clause may carry directives",
		Hint:    "move them all to one file"}
	repeated = diag.Rule{ID: "repeated-directive",
		Summary: "A directive that may stand once stands again.",
		Format:  "//auth:%s stands here for the second time"}
	missingArguments = diag.Rule{ID: "missing-arguments",
		Summary: "A directive lacks what stands behind its name.",
		Format:  "//auth:%s needs %s"}
	needlessArguments = diag.Rule{ID: "needless-arguments",
		Summary: "Something stands behind a directive that takes nothing.",
		Format:  "//auth:%s takes no arguments"}
	badProvide = diag.Rule{ID: "bad-provide",
		Summary: "Something other than optional stands behind //auth:provide.",
		Format:  "//auth:provide takes nothing or the word optional, not %q"}
)

// Rules returns the rules of this stage.
func Rules() []diag.Rule {
	return []diag.Rule{nearMissRule, unknown, hidden, outsideDocComment, misplaced, inTestFile, inConstrainedFile,
		severalClauses, repeated, missingArguments, needlessArguments, badProvide}
}
