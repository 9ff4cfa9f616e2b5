package gen

import ("testing";"context";"os";"fmt")
func TestSmoke(t *testing.T) {
	res, err := Generate(context.Background(), Config{Dir: os.Getenv("D"), Patterns: []string{"./..."}})
	if err != nil { t.Fatal(err) }
	for _, d := range res.Diagnostics { fmt.Println(d.Pos, d.Rule, d.Message, "|", d.Hint, d.Related) }
	for _, o := range res.Outputs { fmt.Println(o.Package, o.Status) }
}
