"""The bundled newsroom: invented papers served on loopback, with feeds and pages as the web has them.

In: the stories in ``stories/``, the papers in ``papers.toml``. Out: an HTTP server for `dateline demo` and the compose profile.
Read `newsroom` (the server), `stories`, then `feeds` and `layout`.
"""
