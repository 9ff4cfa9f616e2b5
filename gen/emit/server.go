package emit

import (
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/boltauthgen/boltauthgen/gen/model"
)

// A server writes what is generated for one receiver.
type server struct {
	*emitter
	*model.Server
	receiverField string // of the generated struct; "" for plain functions
	apiField      string
	fields        map[string]string // endpoints by handler
}

func newServer(e *emitter, s *model.Server) *server {
	out := &server{emitter: e, Server: s, fields: map[string]string{}}
	taken := names{}
	taken.add("ServeHTTP", "Routes")
	for _, h := range s.Handlers {
		taken.add(h.Name)
	}
	if s.Receiver != nil {
		out.receiverField = taken.pick(model.LowerFirst(s.Receiver.Type), "receiver")
	}
	out.apiField = taken.pick("api", "mux")
	for _, h := range s.Handlers {
		out.fields[h.Name] = taken.pick(model.LowerFirst(h.Name), model.LowerFirst(h.Name)+"Endpoint")
	}
	return out
}

func (s *server) emit() {
	s.structType()
	s.constructor()
	s.routes()
	s.serveHTTP()
	for _, h := range s.Handlers {
		newFunction(s, h).emit()
	}
}

// receiverType is the type of what the constructor takes.
func (s *server) receiverType() *jen.Statement {
	if s.Receiver.Pointer {
		return jen.Op("*").Id(s.Receiver.Type)
	}
	return jen.Id(s.Receiver.Type)
}

func (s *server) structType() {
	if s.Receiver == nil {
		s.file.Commentf("%s serves the package's handlers that are functions, behind their guards. It is safe for concurrent use.", s.GuardedName())
	} else {
		s.file.Commentf("%s serves the handlers of [%s] behind their guards. It is safe for concurrent use.", s.GuardedName(), s.Receiver.Type)
	}
	s.file.Type().Id(s.GuardedName()).StructFunc(func(g *jen.Group) {
		if s.Receiver != nil {
			g.Id(s.receiverField).Add(s.receiverType())
		}
		g.Id(s.apiField).Op("*").Add(s.runtime("API"))
		g.Line()
		for _, h := range s.Handlers {
			g.Id(s.fields[h.Name]).Op("*").Add(s.runtime("Endpoint"))
		}
	})
}

func (s *server) constructor() {
	name := s.ConstructorName()
	local := s.locals()
	receiver := ""
	if s.Receiver != nil {
		receiver = pickReceiver(local, s.Receiver)
	}
	options, api, g := local.pick("options"), local.pick("api"), local.pick("g", "guarded")
	failed := local.pick("err")
	s.comment(name+" returns the handlers behind their guards, or an error that names every backend that is nil and every",
		"route that cannot be served.")
	s.file.Func().Id(name).ParamsFunc(func(p *jen.Group) {
		if s.Receiver != nil {
			p.Id(receiver).Add(s.receiverType())
		}
		p.Id(options).Op("...").Add(s.runtime("Option"))
	}).Params(jen.Op("*").Id(s.GuardedName()), jen.Error()).BlockFunc(func(b *jen.Group) {
		if s.Receiver != nil && s.Receiver.Pointer {
			b.If(jen.Id(receiver).Op("==").Nil()).Block(
				jen.Return(jen.Nil(), jen.Qual("errors", "New").Call(jen.Lit(s.model.Name+"."+name+": the *"+s.Receiver.Type+" is nil"))),
			)
		}
		b.Id(api).Op(":=").Add(s.runtime("NewAPI")).Call(jen.Lit(s.model.Name+"."+name), jen.Id(options).Op("..."))
		lists := s.backendLists(b, local, api, receiver)
		b.Id(g).Op(":=").Op("&").Id(s.GuardedName()).Values(jen.DictFunc(func(d jen.Dict) {
			d[jen.Id(s.apiField)] = jen.Id(api)
			if s.Receiver != nil {
				d[jen.Id(s.receiverField)] = jen.Id(receiver)
			}
		}))
		for _, h := range s.Handlers {
			s.endpoint(b, h, g, api, lists[backendKey(h)])
		}
		b.If(jen.Id(failed).Op(":=").Id(api).Dot("Err").Call(), jen.Id(failed).Op("!=").Nil()).Block(
			jen.Return(jen.Nil(), jen.Id(failed)),
		)
		b.Return(jen.Id(g), jen.Nil())
	})
}

// locals returns the names that no local variable of the server's functions may take.
func (s *server) locals() names {
	taken := names{}
	for _, name := range s.imports {
		taken.add(name)
	}
	for _, name := range s.permissions {
		taken.add(name)
	}
	for _, name := range s.scopes {
		taken.add(name)
	}
	taken.add(s.GuardedName(), s.ConstructorName())
	if s.Receiver != nil {
		taken.add(s.Receiver.Type)
	}
	for _, h := range s.Handlers {
		for _, b := range h.Backends {
			taken.add(globals(b.Expr)...)
		}
	}
	return taken
}

func pickReceiver(local names, r *model.Receiver) string {
	if r.Var == "" {
		return local.pick("s", "server")
	}
	return local.pick(r.Var, model.LowerFirst(r.Type))
}

// backendKey is equal for handlers with the same list of backends. What is written is not enough: one text may mean the
// receiver in one method and a variable of the package in another.
func backendKey(h *model.Handler) string {
	var keys []string
	for _, b := range h.Backends {
		keys = append(keys, b.Text+"\x00"+b.Key())
	}
	return strings.Join(keys, ", ")
}

func backendTexts(h *model.Handler) []string {
	var texts []string
	for _, b := range h.Backends {
		texts = append(texts, b.Text)
	}
	return texts
}

// backendLists declares one variable for each list of backends, and returns their names by the lists' texts.
func (s *server) backendLists(b *jen.Group, local names, api, receiver string) map[string]string {
	lists := map[string]string{}
	for _, h := range s.Handlers {
		key := backendKey(h)
		if key == "" || lists[key] != "" {
			continue
		}
		lists[key] = local.pick("backends")
		b.Id(lists[key]).Op(":=").Id(api).Dot("Backends").CallFunc(func(args *jen.Group) {
			for _, backend := range h.Backends {
				args.Line().Add(s.runtime("Backend")).Values(
					jen.Id("Expr").Op(":").Add(literal(backend.Text)),
					jen.Id("Authenticator").Op(":").Add(s.expression(backend.Expr, renderer{receiver: receiver})),
				)
			}
			args.Line()
		})
	}
	return lists
}

var accessMethods = map[model.Access]string{model.Guarded: "Guarded", model.Public: "Public", model.Open: "Open"}

// endpoint makes one handler's endpoint.
func (s *server) endpoint(b *jen.Group, h *model.Handler, g, api, backends string) {
	list := jen.Id(backends)
	if backends == "" {
		list = jen.Id(api).Dot("Backends").Call()
	}
	name := h.Name
	if s.Receiver != nil {
		name = s.Receiver.Type + "." + name
	}
	args := []jen.Code{list, s.runtime("Route").Block(jen.Do(func(fields *jen.Statement) {
		field := func(name string, value jen.Code) { fields.Id(name).Op(":").Add(value).Op(",").Line() }
		field("Name", jen.Lit(name))
		field("Guard", literal(guardText(h)))
		if len(h.Permissions) > 0 {
			field("Permissions", stringSlice(h.Permissions))
		}
		if h.Replaced != "" {
			field("Replaced", literal(h.Replaced))
		}
		field("Handler", http("HandlerFunc").Call(jen.Id(g).Dot(h.Name)))
	}))}
	for _, p := range h.Patterns {
		args = append(args, jen.Lit(p))
	}
	b.Id(g).Dot(s.fields[h.Name]).Op("=").Id(api).Dot(accessMethods[h.Access]).Call(args...)
}

// literal writes a string between back quotes where that saves escapes.
func literal(s string) *jen.Statement {
	if strings.ContainsAny(s, `"\`) && strconv.CanBackquote(s) {
		return jen.Op("`" + s + "`")
	}
	return jen.Lit(s)
}

func stringSlice(all []string) *jen.Statement {
	return jen.Index().String().ValuesFunc(func(g *jen.Group) {
		for _, s := range all {
			g.Lit(s)
		}
	})
}

// guardText joins the lines of a guard as one expression.
func guardText(h *model.Handler) string {
	var lines []string
	for _, g := range h.Guards {
		text := g.Text
		if strings.Contains(text, "||") && len(h.Guards) > 1 {
			text = "(" + text + ")"
		}
		lines = append(lines, text)
	}
	return strings.Join(lines, " && ")
}

func (s *server) routes() {
	s.comment("Routes returns every route with its pattern, guard and backends, in the order of the source. The caller may change", "the slice.")
	s.file.Func().Params(jen.Id("g").Op("*").Id(s.GuardedName())).Id("Routes").Params().Index().Add(s.runtime("Route")).Block(
		jen.Return(jen.Id("g").Dot(s.apiField).Dot("Routes").Call()),
	)
}

func (s *server) serveHTTP() {
	s.file.Comment("ServeHTTP serves the handlers that have a route.")
	s.file.Func().Params(jen.Id("g").Op("*").Id(s.GuardedName())).Id("ServeHTTP").
		Params(jen.Id("w").Add(http("ResponseWriter")), jen.Id("r").Op("*").Add(http("Request"))).Block(
		jen.Id("g").Dot(s.apiField).Dot("ServeHTTP").Call(jen.Id("w"), jen.Id("r")),
	)
}
