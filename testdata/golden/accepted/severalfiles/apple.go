package severalfiles

//auth:route GET /apple/{n}
//auth:guard strings.Repeat("x", n) != "xx"
func (s *Server) Apple(n int) string { return "apple" }
