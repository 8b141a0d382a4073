"""A TLS context that resumes sessions: the second connection to a host skips the certificate work.

asyncio offers no way to hand a session over, but it asks the context for every TLS object; so the context puts the host's last
session in, and the object reports its session once the server has sent one.
"""

from __future__ import annotations

import ssl
from collections import OrderedDict
from typing import Any, Self

#: Hosts whose last session is kept. A session with its certificate chain takes about 5 KB.
MAX_SESSIONS = 2048


class _Reporting(ssl.SSLObject):
    """Notes its session with the context at the first read, when a TLS 1.3 server has sent its ticket."""

    _noted = False

    def read(self, len: int = 1024, buffer: Any = None) -> Any:
        result = super().read(len, buffer) if buffer is not None else super().read(len)
        if not self._noted:
            self._noted = True
            context, session = self.context, self.session
            if isinstance(context, ResumingContext) and session is not None and self.server_hostname is not None:
                context.note(self.server_hostname, session)
        return result


class ResumingContext(ssl.SSLContext):
    """A client context: certificates and names are checked; sessions are kept per host name, the oldest dropped first."""

    sslobject_class = _Reporting
    _sessions: OrderedDict[str, ssl.SSLSession]

    @classmethod
    def create(cls, ca_file: str | None = None) -> Self:
        """Return a context that trusts the system's authorities, or those in ``ca_file`` (PEM) instead."""
        context = cls(ssl.PROTOCOL_TLS_CLIENT)
        context._sessions = OrderedDict()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        if ca_file is None:
            context.load_default_certs(ssl.Purpose.SERVER_AUTH)
        else:
            context.load_verify_locations(ca_file)
        return context

    def note(self, host: str, session: ssl.SSLSession) -> None:
        """Keep ``session`` for the next connection to ``host``."""
        self._sessions[host] = session
        self._sessions.move_to_end(host)
        if len(self._sessions) > MAX_SESSIONS:
            self._sessions.popitem(last=False)

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        if session is None and isinstance(server_hostname, str):
            session = self._sessions.get(server_hostname)
        return super().wrap_bio(incoming, outgoing, server_side, server_hostname, session)
