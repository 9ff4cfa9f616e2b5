package load

// CanHoldDirective is for tests that know what a directive is.
var CanHoldDirective = canHoldDirective
