"""Private feeds: the secret goes to the address it was given for, and is shown nowhere."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from dateline.errors import SettingsError
from dateline.fetch.client import Client
from dateline.fetch.guard import Guard
from dateline.fetch.resolver import FixedNames
from dateline.settings import Settings, load
from dateline.settings.toml import to_toml
from support.fetch_site import Site
from support.fetching import FEED, UNHURRIED

SECRET = "p@ss/wörd: 1"
BASIC = "Basic " + base64.b64encode(f"ann:{SECRET}".encode()).decode()


def with_credentials(tmp_path: Path, text: str, **environment: str) -> Settings:
    """Settings with these ``[[credentials]]``; ``PASSWORD`` in the text is a file with the secret."""
    (tmp_path / "password").write_text(SECRET + "\n")
    path = tmp_path / "dateline.toml"
    path.write_text(text.replace("PASSWORD", str(tmp_path / "password")))
    return load(path, environment)


def asking(site: Site, settings: Settings) -> Client:
    """A client with these credentials, for hosts that are all this site."""
    names: dict[str, str | list[str]] = {"agency.example": "127.0.0.1", "other.example": "127.0.0.1"}
    guard = Guard([f"127.0.0.1:{site.port}"])
    return Client(UNHURRIED, guard, resolver=FixedNames(names), credentials=settings.credentials)


async def test_basic_credentials_go_to_the_feeds_below_their_address_and_to_no_other_host(
    site: Site, tmp_path: Path
) -> None:
    """Not by a redirect to another host, nor to another path or as a page; nor for a stranger's feed that redirects in."""
    agency = site.url("/feeds", "agency.example")
    settings = with_credentials(
        tmp_path, f'[[credentials]]\nurl = "{agency}/"\nusername = "ann"\npassword_file = "PASSWORD"\n'
    )
    site.says("/feeds/a", body=FEED)
    site.says("/feedsb", body=FEED)
    site.says("/feeds/away", status=302, Location=site.url("/feeds/a", "other.example"))
    site.says("/in", status=302, Location=f"{agency}/a")
    async with asking(site, settings) as client:
        for url, sent in [
            (f"{agency}/a", [BASIC]),
            (f"{agency}/away", [BASIC, None]),
            (f"{agency}b", [None]),
            (site.url("/in", "other.example"), [None, None]),
            (site.url("/in", "agency.example"), [None, None]),
            (site.url("/feeds/a", "other.example"), [None]),
        ]:
            site.asked.clear()
            assert (await client.get(url)).body == FEED
            assert [headers.get("authorization") for _, headers in site.asked] == sent, url
        site.asked.clear()
        await client.get(f"{agency}/a", kind="page")
        assert "authorization" not in site.asked[0][1]


async def test_a_header_can_hold_a_key_from_the_environment_and_the_longest_address_counts(
    site: Site, tmp_path: Path
) -> None:
    """Two feeds of one host with a key each; a variable that begins with DATELINE_ is no option then."""
    base = site.url("/", "agency.example")
    settings = with_credentials(
        tmp_path,
        f'[[credentials]]\nurl = "{base}"\nheader = "X-Api-Key"\nvalue_env = "WIRE_KEY"\n'
        f'[[credentials]]\nurl = "{base}sport"\nheader = "Cookie"\nvalue_env = "DATELINE_SPORT"\n',
        WIRE_KEY="k-1",
        DATELINE_SPORT="session=s-2",
    )
    site.says("/news", body=FEED)
    site.says("/sport", status=302, Location="/sport/all", Set_Cookie="seen=1; Path=/")
    site.says("/sport/all", body=FEED)
    async with asking(site, settings) as client:
        await client.get(f"{base}news")
        await client.get(f"{base}sport")
        client.apply(())
        await client.get(f"{base}news")
    found = [(headers.get("x-api-key"), headers.get("cookie")) for _, headers in site.asked]
    assert found == [("k-1", None), (None, "session=s-2"), (None, "session=s-2; seen=1"), (None, None)]


def test_no_secret_is_shown(tmp_path: Path) -> None:
    """Not by ``dateline config``, not by a settings object in an error; where it came from is."""
    settings = with_credentials(
        tmp_path,
        '[[credentials]]\nurl = "https://agency.example/"\nusername = "ann"\npassword_file = "PASSWORD"\n'
        '[[forward]]\nkind = "webhook"\nurl = "https://u:HOOKPASS@desk.example/hook?key=HOOKKEY"\n'
        'secret = "HOOKSECRET"\nheaders = { Authorization = "Bearer HOOKTOKEN", X-Desk = "HOOKDESK" }\n',
    )
    shown = to_toml(settings)
    assert str(tmp_path / "password") in shown and "https://***@desk.example/hook?***" in shown
    for text in (shown, repr(settings.credentials)):
        assert SECRET not in text and BASIC not in text and "HOOK" not in text


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ('url = "https://a.example/"\nusername = "ann"\npassword = "hunter2"', "no secret in the settings"),
        ('url = "https://a.example/"\nusername = "ann"', "password_file or password_env"),
        ('url = "https://a.example/"\nheader = "X-Key"\npassword_env = "X"', "value_file or value_env"),
        ('url = "https://a.example/"\nvalue_env = "X"', "username .* or header"),
        ('url = "https://a.example/"\nheader = "Host"\nvalue_env = "KEY"', "no header that can be set"),
        ('url = "https://a.example/"\nheader = "X-Key"\nvalue_env = "ABSENT"', "ABSENT is empty or missing"),
        ('url = "https://a.example/"\nheader = "X-Key"\nvalue_env = "BROKEN"', "no header can have"),
        ('url = "https://a.example/"\nheader = "X-Key"\nvalue_file = "/absent"', "cannot be read"),
        ('url = "https://u:hunter2@a.example/"\nheader = "X-Key"\nvalue_env = "KEY"', "no user"),
        ('url = "agency"\nheader = "X-Key"\nvalue_env = "KEY"', "url must be"),
        ('url = "https://a.example/"\nusrname = "ann"', "did you mean 'username'"),
    ],
)
def test_a_mistake_is_refused_at_start_without_the_secret(tmp_path: Path, lines: str, says: str) -> None:
    """One line that names the table and the remedy."""
    with pytest.raises(SettingsError, match=says) as caught:
        with_credentials(tmp_path, f"[[credentials]]\n{lines}\n", KEY="hunter2", BROKEN="hunter2\r\nX-Evil: 1")
    assert "[[credentials]]" in str(caught.value)
    assert "hunter2" not in str(caught.value)
