"""What flows through the worker: entries, feeds, fetched bodies (`records`), and what extraction makes of a page (`page`)."""
