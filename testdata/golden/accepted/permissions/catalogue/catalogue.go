// Package catalogue declares the permissions.
package catalogue

// The permissions of the blog.
//
//auth:permissions
const (
	View   = "blog.view_article"
	Change = "blog.change_article"
	Delete = "blog.delete_article"
)
