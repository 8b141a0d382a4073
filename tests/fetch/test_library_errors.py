"""Every error of the HTTP library and of the system becomes one of ours."""

from __future__ import annotations

import errno
import inspect
import os
import socket
import ssl
from collections.abc import Callable

import aiohttp
import pytest
from aiohttp import http_exceptions
from aiohttp.client_reqrep import ConnectionKey, RequestInfo
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from dateline.errors import DatelineError, TransientError
from dateline.fetch.client import translated


def _request_info() -> RequestInfo:
    url = URL("http://news.example/")
    return RequestInfo(url, "GET", CIMultiDictProxy(CIMultiDict()), url)


_KEY = ConnectionKey("news.example", 80, False, True, None, None, None)
_MAKERS: list[tuple[type[BaseException], Callable[[type], BaseException]]] = [
    (aiohttp.client_exceptions.UnixClientConnectorError, lambda kind: kind("/run/x", _KEY, OSError(111, "refused"))),
    (aiohttp.ClientConnectorCertificateError, lambda kind: kind(_KEY, ssl.CertificateError("bad"))),
    (aiohttp.ClientConnectorError, lambda kind: kind(_KEY, OSError(111, "refused"))),
    (aiohttp.ServerFingerprintMismatch, lambda kind: kind(b"a", b"b", "news.example", 443)),
    (aiohttp.ClientResponseError, lambda kind: kind(_request_info(), ())),
    (aiohttp.InvalidURL, lambda kind: kind("http://[")),
    (http_exceptions.LineTooLong, lambda kind: kind(b"x", 10)),
    (http_exceptions.InvalidHeader, lambda kind: kind(b"x")),
    (http_exceptions.BadStatusLine, lambda kind: kind("x")),
    (http_exceptions.HttpProcessingError, lambda kind: kind(message="odd")),
    (BaseException, lambda kind: kind("odd")),
]


def _library_errors() -> list[type[BaseException]]:
    modules = (aiohttp.client_exceptions, http_exceptions)
    found = {
        kind
        for module in modules
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Exception) and kind.__module__.startswith("aiohttp")
    }
    return sorted(found, key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", _library_errors(), ids=lambda kind: kind.__name__)
def test_every_error_of_the_library_is_one_of_ours(kind: type[BaseException]) -> None:
    """A new one in a new version fails here, not in a poll."""
    make = next(make for known, make in _MAKERS if issubclass(kind, known))
    ours = translated(make(kind), "http://news.example/")
    assert isinstance(ours, DatelineError)
    assert ours.code in {"timeout", "connection", "dns", "tls", "protocol", "redirect_limit", "blocked"}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TimeoutError(), "timeout"),
        (ConnectionResetError(errno.ECONNRESET, "reset"), "connection"),
        (OSError(errno.EHOSTUNREACH, "unreachable"), "connection"),
        (ssl.SSLError("odd"), "tls"),
        (ssl.SSLCertVerificationError("odd"), "tls"),
        (socket.gaierror(socket.EAI_NONAME, "no name"), "dns"),
        (aiohttp.ClientConnectorDNSError(_KEY, OSError(None, "no name")), "dns"),
        (aiohttp.ServerTimeoutError(), "timeout"),
        (aiohttp.TooManyRedirects(_request_info(), ()), "redirect_limit"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_the_systems_errors_have_these_codes(error: BaseException, code: str) -> None:
    """One word from a closed set for each."""
    ours = translated(error, "http://news.example/")
    assert isinstance(ours, DatelineError)
    assert ours.code == code


def test_our_own_shortage_of_descriptors_is_temporary_and_a_bug_stays_a_bug() -> None:
    """EMFILE says nothing about the feed; a TypeError is no answer of a server."""
    shortage = translated(OSError(errno.EMFILE, os.strerror(errno.EMFILE)), "http://news.example/")
    assert isinstance(shortage, TransientError)
    assert shortage.temporary
    bug = TypeError("a bug")
    assert translated(bug, "http://news.example/") is bug


def test_a_refused_connection_is_said_without_the_librarys_terms() -> None:
    """Once: `ClientConnectorError: Cannot connect to host a:80 ssl:default [Connect call failed ('127.0.0.1', 80)]`."""
    error = aiohttp.ClientConnectorError(_KEY, OSError(errno.ECONNREFUSED, "Connect call failed ('127.0.0.1', 80)"))
    assert str(translated(error, "http://news.example/")) == (
        "http://news.example/: cannot connect to news.example:80 (Connection refused)"
    )
