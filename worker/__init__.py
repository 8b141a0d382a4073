"""Dateline: an async worker that turns news feeds into a stream of structured events."""

__version__ = "0.1.0"
