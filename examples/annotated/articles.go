package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// The permissions of the blog.
//
//auth:permissions
const (
	ViewArticle   = "blog.view_article"
	AddArticle    = "blog.add_article"
	ChangeArticle = "blog.change_article"
	DeleteArticle = "blog.delete_article"
)

// An Article is an article of the blog.
type Article struct {
	ID     int64  `json:"id"`
	Title  string `json:"title"`
	Body   string `json:"body"`
	Author string `json:"author"` // username

	AuthorID int64 `json:"-"`
}

// IsBy reports whether the principal is the author.
func (a *Article) IsBy(p *runtime.Principal) bool {
	id, ok := userID(p)
	return ok && id == a.AuthorID
}

// Articles are the articles in the database. It is safe for concurrent use.
type Articles struct{ db *sql.DB }

const selectArticle = `SELECT a.id, a.title, a.body, u.username, u.id FROM articles a JOIN users u ON u.id = a.author_id `

// All returns the newest 100 articles, the newest first. It is never nil without an error.
func (a Articles) All(ctx context.Context) ([]Article, error) {
	rows, err := a.db.QueryContext(ctx, selectArticle+`ORDER BY a.id DESC LIMIT 100`)
	if err != nil {
		return nil, fmt.Errorf("list articles: %w", err)
	}
	defer rows.Close()
	articles := []Article{}
	for rows.Next() {
		var article Article
		if err := rows.Scan(&article.ID, &article.Title, &article.Body, &article.Author, &article.AuthorID); err != nil {
			return nil, fmt.Errorf("list articles: %w", err)
		}
		articles = append(articles, article)
	}
	return articles, rows.Err()
}

// ByID returns an article, or runtime.ErrNotFound.
func (a Articles) ByID(ctx context.Context, id int64) (*Article, error) {
	var article Article
	row := a.db.QueryRowContext(ctx, selectArticle+`WHERE a.id = ?`, id)
	err := row.Scan(&article.ID, &article.Title, &article.Body, &article.Author, &article.AuthorID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, runtime.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("load article: %w", err)
	}
	return &article, nil
}

// Add stores a new article and returns it.
func (a Articles) Add(ctx context.Context, author *User, title, body string) (*Article, error) {
	result, err := a.db.ExecContext(ctx, `INSERT INTO articles (author_id, title, body) VALUES (?, ?, ?)`, author.ID, title, body)
	if err != nil {
		return nil, fmt.Errorf("add article: %w", err)
	}
	id, err := result.LastInsertId()
	if err != nil {
		return nil, fmt.Errorf("add article: %w", err)
	}
	return &Article{ID: id, Title: title, Body: body, Author: author.Username, AuthorID: author.ID}, nil
}

// Delete deletes an article. It is runtime.ErrNotFound if somebody else was faster.
func (a Articles) Delete(ctx context.Context, id int64) error {
	result, err := a.db.ExecContext(ctx, `DELETE FROM articles WHERE id = ?`, id)
	if err != nil {
		return fmt.Errorf("delete article: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil {
		return fmt.Errorf("delete article: %w", err)
	} else if n == 0 {
		return runtime.ErrNotFound
	}
	return nil
}
