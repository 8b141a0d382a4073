CREATE TABLE IF NOT EXISTS articles (
    id text PRIMARY KEY,
    revision integer NOT NULL,
    withdrawn boolean NOT NULL,
    published timestamptz,
    language text,
    publisher text,
    title text,
    url text,
    family text,
    countries text[],
    text text,
    data jsonb
);
CREATE TABLE IF NOT EXISTS events (
    id text PRIMARY KEY,
    article text NOT NULL,
    revision integer NOT NULL,
    plover text NOT NULL,
    mode text,
    quad text,
    occurred_from date,
    occurred_to date,
    country text,
    countries text[],
    confidence double precision,
    certainty text,
    evidence text,
    data jsonb
);
CREATE TABLE IF NOT EXISTS retracted (
    id text PRIMARY KEY,
    revision integer NOT NULL
);
CREATE INDEX IF NOT EXISTS articles_by_time ON articles (published);
CREATE INDEX IF NOT EXISTS events_by_article ON events (article);
CREATE INDEX IF NOT EXISTS events_by_time ON events (occurred_from, plover);
