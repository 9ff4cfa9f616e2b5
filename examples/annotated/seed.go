package main

import (
	"context"
	"database/sql"

	"github.com/boltauthgen/boltauthgen/runtime/password"
)

// A seedUser is a user that a new database has. The password is the name and "-password".
type seedUser struct {
	name                     string
	active, staff, superuser bool
	permissions              []string
	article                  string // title of an article of theirs; none if empty
}

var seedUsers = []seedUser{
	{name: "alice", active: true, permissions: []string{ViewArticle, AddArticle}, article: "Alice writes about guards"},
	{name: "bob", active: true, staff: true},
	{name: "root", active: true, staff: true, superuser: true,
		permissions: []string{ViewArticle, AddArticle, ChangeArticle, DeleteArticle}, article: "Root writes about tokens"},
	{name: "eve", permissions: []string{ViewArticle}},
}

// seed fills a database that has no users yet.
func seed(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	var seeded bool
	if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM users)`).Scan(&seeded); err != nil || seeded {
		return err
	}
	for _, user := range seedUsers {
		if err := user.insert(ctx, tx); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (u seedUser) insert(ctx context.Context, tx *sql.Tx) error {
	hash, err := password.Hash(ctx, u.name+"-password")
	if err != nil {
		return err
	}
	result, err := tx.ExecContext(ctx, `INSERT INTO users (username, email, password, is_active, is_staff, is_superuser) VALUES (?, ?, ?, ?, ?, ?)`,
		u.name, u.name+"@example.com", hash, u.active, u.staff, u.superuser)
	if err != nil {
		return err
	}
	id, err := result.LastInsertId()
	if err != nil {
		return err
	}
	for _, permission := range u.permissions {
		if _, err := tx.ExecContext(ctx, `INSERT INTO user_permissions (user_id, permission) VALUES (?, ?)`, id, permission); err != nil {
			return err
		}
	}
	if u.article == "" {
		return nil
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO articles (author_id, title, body) VALUES (?, ?, ?)`, id, u.article, "There is more to say about this.")
	return err
}
