-- The index of the events stream. Times are milliseconds since 1970. A change here needs a new VERSION in database.py:
-- the file is then made again from the stream.

CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;

-- How far each stream has been read. Written in the transaction of what was read.
CREATE TABLE cursor (stream TEXT PRIMARY KEY, after TEXT NOT NULL, seq INTEGER NOT NULL) WITHOUT ROWID;

-- One happening: the articles that report the same main event, and the copies of their texts.
CREATE TABLE happening (
  key INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,           -- newest article
  papers INTEGER NOT NULL,       -- different owners
  independent INTEGER NOT NULL,  -- different texts: copies of one text count once
  sure REAL NOT NULL,            -- highest confidence of an event that stands; 0 without one
  version INTEGER NOT NULL       -- of the index, when it changed last
);
CREATE INDEX happening_rank ON happening (independent DESC, papers DESC, sure DESC, at DESC);
CREATE INDEX happening_at ON happening (at, key);
CREATE INDEX happening_version ON happening (version);

-- The happening whose main event has this cluster (63 bits of its cluster_id's hash).
CREATE TABLE cluster (id INTEGER PRIMARY KEY, happening INTEGER NOT NULL);
CREATE INDEX cluster_happening ON cluster (happening);

CREATE TABLE article (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  happening INTEGER NOT NULL,
  at INTEGER NOT NULL,       -- when its source published it, at the latest when it was on the stream
  arrived INTEGER NOT NULL,  -- when its first entry was on the stream
  kind TEXT NOT NULL,        -- published, revised, withdrawn, copied
  revision INTEGER NOT NULL,
  owner TEXT NOT NULL,       -- registrable domain
  publisher TEXT NOT NULL,
  lang TEXT NOT NULL,
  family TEXT NOT NULL,
  role TEXT NOT NULL,        -- original, copy, rewrite
  original TEXT,             -- article id of the text it copies
  title TEXT NOT NULL,
  url TEXT
);
CREATE INDEX article_at ON article (at, happening, owner);
CREATE INDEX article_arrived ON article (arrived);
CREATE INDEX article_happening ON article (happening);
CREATE INDEX article_family ON article (family);
CREATE INDEX article_publisher ON article (publisher COLLATE NOCASE);

-- Each revision's record as it was on the stream, compressed.
CREATE TABLE revision (
  article INTEGER NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  body BLOB NOT NULL,
  UNIQUE (article, number)
);

-- Words of the newest revision of each article, folded by fold.py; rowid is article.key. The text itself is in `revision`.
CREATE VIRTUAL TABLE words USING fts5 (
  title, text, content='', tokenize="unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);

CREATE TABLE event (
  key INTEGER PRIMARY KEY,
  article INTEGER NOT NULL,
  id TEXT NOT NULL,
  cluster INTEGER NOT NULL,
  at INTEGER NOT NULL,
  type TEXT NOT NULL,
  quad INTEGER NOT NULL,      -- 0 to 3, the order of filters.QUADS
  confidence REAL NOT NULL,
  main INTEGER NOT NULL,
  revision INTEGER NOT NULL,  -- newest that reports it
  retracted INTEGER,          -- when it was taken back; null where it stands
  actor INTEGER,              -- label: country of the first actor, else its name
  recipient INTEGER,          -- likewise; the second actor where there is no recipient
  countries INTEGER NOT NULL, -- country_set: countries of parties and place
  spot INTEGER,               -- label: country, latitude, longitude (to a tenth of a degree), name of the place, tabs between
  first INTEGER NOT NULL,     -- 1: the first report of its cluster that stands, at whose time the event counts
  sure REAL NOT NULL,         -- of a first report: highest confidence of the cluster's reports
  UNIQUE (article, id)
);
CREATE INDEX event_cluster ON event (cluster);
-- All that an overview and a search by kind or confidence ask of an event, in the order of time.
CREATE INDEX event_standing ON event (
  at, first, quad, type, confidence, sure, article, cluster, actor, recipient, countries, spot
) WHERE retracted IS NULL;
CREATE TABLE event_body (event INTEGER PRIMARY KEY, body BLOB NOT NULL);

-- How often the events of a day (since 1970, UTC) have changed: what is kept of it in memory holds as long (days.py).
CREATE TABLE event_day (day INTEGER PRIMARY KEY, version INTEGER NOT NULL);
CREATE TRIGGER event_added AFTER INSERT ON event BEGIN
  INSERT INTO event_day VALUES (new.at / 86400000, 1) ON CONFLICT DO UPDATE SET version = version + 1;
END;
CREATE TRIGGER event_changed AFTER UPDATE ON event BEGIN
  INSERT INTO event_day VALUES (new.at / 86400000, 1) ON CONFLICT DO UPDATE SET version = version + 1;
END;
CREATE TRIGGER event_deleted AFTER DELETE ON event BEGIN
  INSERT INTO event_day VALUES (old.at / 86400000, 1) ON CONFLICT DO UPDATE SET version = version + 1;
END;

-- What events are counted by, each text once: labels.py. A set: codes of countries with spaces between, in their order.
CREATE TABLE label (key INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE country_set (key INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);

CREATE TABLE event_country (country TEXT NOT NULL, event INTEGER NOT NULL, PRIMARY KEY (country, event)) WITHOUT ROWID;

CREATE TABLE name (key INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE party (name INTEGER NOT NULL, event INTEGER NOT NULL, PRIMARY KEY (name, event)) WITHOUT ROWID;
CREATE INDEX party_event ON party (event);

-- Events by their first report, counted when it is written: an overview of weeks adds up days. `day` and `hour` since 1970, UTC.
CREATE TABLE hour_quad (hour INTEGER, quad INTEGER, events INTEGER NOT NULL, PRIMARY KEY (hour, quad)) WITHOUT ROWID;
CREATE TABLE day_count (
  day INTEGER,
  kind INTEGER,  -- 0 country of a party or place, 1 pair, 2 place: labels.py
  name INTEGER,  -- what is counted: a country_set of one, a label; of a pair both labels, packed as in counts.py
  quad INTEGER,
  events INTEGER NOT NULL,
  PRIMARY KEY (day, kind, name, quad)
) WITHOUT ROWID;

-- What was seen of each feed's polls, for the bars of the last day. Not on the stream: begins anew with a new index.
CREATE TABLE poll (
  feed TEXT NOT NULL,
  at INTEGER NOT NULL,
  outcome TEXT NOT NULL,  -- new, unchanged, slow_down, failed
  reason TEXT NOT NULL,
  entries INTEGER NOT NULL,
  PRIMARY KEY (feed, at)
) WITHOUT ROWID;
CREATE INDEX poll_at ON poll (at);
