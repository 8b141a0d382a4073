"""``[[credentials]]``: who we are to private feeds. The secret itself stands in a file or in the environment."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import PermanentError, SettingsError
from ..urls import parse
from .check import near_miss
from .section import Section

_OPTIONS = ("url", "username", "password_file", "password_env", "header", "value_file", "value_env")
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
#: Set by the client itself, or framing the request.
_NOT_OURS = {
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "user-agent",
    "accept-encoding",
    "te",
    "upgrade",
}
_MAX_SECRET_BYTES = 16 << 10


class Credential(Section, frozen=True):
    """A header that is sent with requests for feeds at ``url`` or below it, and with no others."""

    url: str
    name: str
    value: str
    options: Mapping[str, str] = {}  #: as they were given; no secret among them

    def __repr__(self) -> str:
        return f"Credential(url={self.url!r}, name={self.name!r}, value='***')"


def read_credentials(rows: Any, where: str, environment: Mapping[str, str]) -> tuple[Credential, ...]:
    """Read the tables of ``[[credentials]]`` and the secrets that they name.

    Raises:
        SettingsError: An option too many or too few, a secret that cannot be read or sent, an address that is none.
    """
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SettingsError(f"{where}: write [[credentials]] with two brackets, one for each")
    return tuple(
        _credential(row, f"{where}: [[credentials]] number {number}", environment) for number, row in enumerate(rows, 1)
    )


def environment_names(rows: Any) -> set[str]:
    """Return the variables that hold secrets of ``[[credentials]]``: they are no options."""
    found = [row.get(key) for row in rows if isinstance(row, dict) for key in ("password_env", "value_env")]
    return {name for name in found if isinstance(name, str)}


def _credential(row: Mapping[str, Any], where: str, environment: Mapping[str, str]) -> Credential:
    for key, value in row.items():
        if key in ("password", "value"):
            raise SettingsError(
                f"{where}: no secret in the settings; name its file ({key}_file) or variable ({key}_env)"
            )
        if key not in _OPTIONS:
            raise SettingsError(
                f"{where}: no option {key!r}{near_miss(key, _OPTIONS)} There are: {', '.join(_OPTIONS)}"
            )
        if not isinstance(value, str) or not value:
            raise SettingsError(f"{where}: {key} must be text")
    _check_url(str(row.get("url", "")), where)
    if ("username" in row) == ("header" in row):
        raise SettingsError(f"{where}: give username (HTTP Basic) or header, one of the two")
    kind = "password" if "username" in row else "value"
    others = {"password_file", "password_env", "value_file", "value_env"} & set(row)
    if len(others) != 1 or not others <= {f"{kind}_file", f"{kind}_env"}:
        raise SettingsError(f"{where}: give {kind}_file or {kind}_env, one of the two")
    secret = _secret(kind, row, where, environment)
    if kind == "password":
        if ":" in row["username"]:
            raise SettingsError(f"{where}: a username of HTTP Basic has no colon")
        pair = base64.b64encode(f"{row['username']}:{secret}".encode()).decode()
        return Credential(row["url"], "Authorization", f"Basic {pair}", dict(row))
    name = row["header"]
    if not _NAME.fullmatch(name) or name.lower() in _NOT_OURS:
        raise SettingsError(f"{where}: {name!r} is no header that can be set")
    return Credential(row["url"], name, secret, dict(row))


def _check_url(url: str, where: str) -> None:
    try:
        parsed = parse(url)
    except PermanentError as error:
        raise SettingsError(f"{where}: url must be where the feeds begin, as https://agency.example/feeds/") from error
    if parsed.user or parsed.password or parsed.query is not None:
        raise SettingsError(f"{where}: url has no user, password or query; a prefix of the feeds' addresses is enough")


def _secret(kind: str, row: Mapping[str, str], where: str, environment: Mapping[str, str]) -> str:
    """Return the secret without its line end. No error shows any of it."""
    if name := row.get(f"{kind}_env"):
        text = environment.get(name, "")
        source = f"the variable {name}"
    else:
        source = row[f"{kind}_file"]
        try:
            with Path(source).open("rb") as file:
                text = file.read(_MAX_SECRET_BYTES).decode()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8 text"
            raise SettingsError(f"{where}: {source!r} cannot be read: {reason}") from None
    text = text.rstrip("\r\n")
    if not text:
        raise SettingsError(f"{where}: {source} is empty or missing")
    if not text.isprintable() or (kind == "value" and not text.isascii()):
        raise SettingsError(f"{where}: {source} holds characters that no header can have")
    return text
