CREATE TABLE IF NOT EXISTS articles (
    id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    withdrawn INTEGER NOT NULL,
    published TEXT,
    language TEXT,
    publisher TEXT,
    title TEXT,
    url TEXT,
    family TEXT,
    countries TEXT,
    text TEXT,
    data TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
    id TEXT PRIMARY KEY,
    article TEXT NOT NULL,
    revision INTEGER NOT NULL,
    plover TEXT NOT NULL,
    mode TEXT,
    quad TEXT,
    occurred_from TEXT,
    occurred_to TEXT,
    country TEXT,
    countries TEXT,
    confidence REAL,
    certainty TEXT,
    evidence TEXT,
    data TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS retracted (
    id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS articles_by_time ON articles (published);
CREATE INDEX IF NOT EXISTS events_by_article ON events (article);
CREATE INDEX IF NOT EXISTS events_by_time ON events (occurred_from, plover);
