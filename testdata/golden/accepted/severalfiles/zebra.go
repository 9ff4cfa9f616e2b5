// Package severalfiles spreads handlers, providers, types and constants over files: what is generated follows the files' names.
//
//auth:backend s.Who
//auth:guard HasPermission(View)
package severalfiles

//auth:route GET /zebra
func (s *Server) Zebra() string { return "zebra" }

//auth:route GET /routes
func (s *Server) Routes_() []string {
	var all []string
	for _, r := range s.guarded.Routes() {
		all = append(all, r.Pattern+" "+r.Name+" "+r.Guard)
	}
	return all
}
