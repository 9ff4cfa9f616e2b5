// Package lib exports a type by an alias only.
package lib

type id string

// ID is a hidden type.
type ID = id
