package diag_test

import (
	"fmt"
	"go/token"
	"os"

	"github.com/boltauthgen/boltauthgen/gen/diag"
)

func ExampleText() {
	const blog = "package blog\n\n//auth:gaurd IsStaff()\nfunc (s *Server) Drafts() {}\n"

	problems := []diag.Diagnostic{{
		Pos:     token.Position{Filename: "/src/app/blog/blog.go", Line: 3, Column: 1},
		Rule:    "unknown-directive",
		Message: "unknown directive //auth:gaurd",
		Hint:    "did you mean //auth:" + diag.Closest("gaurd", []string{"route", "guard"}) + "?",
	}}
	text := diag.Text{Dir: "/src/app", Source: func(string) []byte { return []byte(blog) }}
	if err := text.Print(os.Stdout, problems); err != nil {
		fmt.Println(err)
	}
	fmt.Println(diag.Summary(problems))

	// Output:
	// blog/blog.go:3:1: unknown directive //auth:gaurd
	//     //auth:gaurd IsStaff()
	//     ^~~~~~~~~~~~
	//     hint: did you mean //auth:guard?
	// 1 problem in 1 file
}
