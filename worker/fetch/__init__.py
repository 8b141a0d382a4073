"""Fetching well: what may be reached (guard), how (client), and how often (schedule, politeness, robots)."""
