package runtime

// HeaderSent is headerSent, for tests in which writers stand alone.
var HeaderSent = headerSent
