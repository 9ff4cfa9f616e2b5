CREATE TABLE IF NOT EXISTS users (
	id           INTEGER PRIMARY KEY AUTOINCREMENT, -- never given to another user again: tokens name users by it
	username     TEXT    NOT NULL UNIQUE,
	email        TEXT    NOT NULL,
	password     TEXT    NOT NULL,                  -- its hash, see package password
	is_active    INTEGER NOT NULL,
	is_staff     INTEGER NOT NULL,
	is_superuser INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS user_permissions (
	user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	permission TEXT    NOT NULL,
	PRIMARY KEY (user_id, permission)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS articles (
	id        INTEGER PRIMARY KEY AUTOINCREMENT,
	author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	title     TEXT    NOT NULL,
	body      TEXT    NOT NULL
) STRICT;
