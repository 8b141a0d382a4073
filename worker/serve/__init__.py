"""The one HTTP port: health, metrics, WebSub callbacks and the desk.

In: HTTP requests. Out: state of the daemon, pushed feeds. Read `http`, `limits` (of connections), `websub_routes`, `desk`.
"""
