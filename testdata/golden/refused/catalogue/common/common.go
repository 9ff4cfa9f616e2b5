// Package common has permissions that others use.
package common

//auth:permissions
const Audit = "common.audit"

// Hidden is not in the catalogue.
const Hidden = "common.hidden"
