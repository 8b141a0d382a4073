"""Settings: a wrong key or value is refused at start with the right ones listed; the shipped file shows every default."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from dateline.cli.main import main
from dateline.errors import SettingsError
from dateline.polling import feed_list as feeds_file
from dateline.settings import RedisSettings, Settings, load
from dateline.settings.check import wanted
from dateline.settings.load import read_section
from dateline.settings.schema import SECTIONS
from dateline.settings.section import options
from dateline.settings.toml import default_file, to_toml
from dateline.store.redis import Connection

ROOT = Path(__file__).resolve().parents[2]


def written(tmp_path: Path, text: str) -> Path:
    """A settings file with this text."""
    path = tmp_path / "dateline.toml"
    path.write_text(text)
    return path


def test_the_shipped_file_holds_every_option_at_its_default_with_its_reason() -> None:
    """It is written by `dateline config --defaults`, so that code and file cannot drift apart."""
    assert (ROOT / "config/dateline.toml").read_text() == default_file()
    loaded = load(ROOT / "config/dateline.toml", {})
    assert msgspec.structs.replace(loaded, where="the defaults", feeds_file=None) == Settings()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[poll]\nintervall_seconds = 3", ["intervall_seconds", "did you mean 'interval_seconds'", "floor_seconds"]),
        ("[ingset]\n", ["no section [ingset]", "did you mean [ingest]"]),
        ("[poll]\njitter = 2.0", ["poll.jitter", "from 0 to 0.5"]),
        ("[poll]\nat_once = true", ["poll.at_once", "a whole number"]),
        ("[serve]\nport = 'x'", ["serve.port", "wanted a whole number"]),
        ("[log]\nlevel = 'loud'", ["log.level", "Choices: debug, info, warning, error"]),
        ("[ingest]\nretry_seconds = 5", ["ingest.retry_seconds", "wanted a list"]),
        ("[poll", ["not TOML"]),
        (".".join("a" * 3000) + " = 1", ["not TOML"]),
        ("[[stages]]\nname = 'x'", ["[[stages]] needs kind"]),
    ],
)
def test_a_mistake_is_named_with_its_place_and_the_valid_choices(tmp_path: Path, text: str, says: list[str]) -> None:
    """The operator reads one line and knows what to edit."""
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load(path, {})
    for part in [str(path), *says]:
        assert part in str(caught.value)


def test_the_environment_goes_over_the_file_and_is_checked_as_strictly(tmp_path: Path) -> None:
    """DATELINE_<SECTION>_<OPTION>."""
    path = written(tmp_path, "[poll]\nat_once = 5\n")
    settings = load(path, {"DATELINE_POLL_AT_ONCE": "7", "DATELINE_INGEST_RETRY_SECONDS": "1, 2", "OTHER": "x"})
    assert settings.poll.at_once == 7
    assert settings.ingest.retry_seconds == (1.0, 2.0)
    with pytest.raises(SettingsError, match="did you mean DATELINE_POLL_AT_ONCE"):
        load(path, {"DATELINE_POLL_ATONCE": "7"})
    with pytest.raises(SettingsError, match="DATELINE_POLL_AT_ONCE is 'many'"):
        load(path, {"DATELINE_POLL_AT_ONCE": "many"})


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    """Neither the password in redis.url nor the desk's token."""
    path = written(tmp_path, '[redis]\nurl = "redis://:hunter2@h:1/0"\n[serve]\ntoken = "s3cret"\n')
    text = to_toml(load(path, {}))
    assert "hunter2" not in text and "s3cret" not in text and "***" in text


def test_a_secret_is_hidden_in_repr_and_in_messages(tmp_path: Path) -> None:
    """Logs and traces print sections, and a refusal names the option only."""
    assert "hunter2" not in repr(Settings(redis=RedisSettings(url="redis://:hunter2@h:1/0", password="hunter2")))
    with pytest.raises(SettingsError, match=r"redis\.url is") as caught:
        load(written(tmp_path, '[redis]\nurl = ["redis://:hunter2@h:1/0"]\n'), {})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("password", ["a/b?c#d@e", "p%41s", "[x] y"])
def test_a_password_with_characters_of_a_url_is_refused_in_the_url_and_taken_as_an_option(password: str) -> None:
    """The refusal shows nothing of it; `redis.password` takes it as it stands, and the server gets exactly that."""
    if "%" not in password:
        with pytest.raises(SettingsError) as caught:
            Connection(RedisSettings(url=f"redis://:{password}@localhost:6379/0"))
        assert password not in str(caught.value)
    for url in ("redis://localhost:6379/0", "redis://worker:old@localhost:6379/0", "redis+cluster://h1:1,h2:2"):
        user_info = Connection(RedisSettings(url=url, password=password)).servers.address.user_info
        assert unquote(user_info.rstrip("@").partition(":")[2]) == password
        assert user_info.startswith("worker:") == ("worker" in url)


def test_a_secret_may_come_from_a_file_that_the_environment_names(tmp_path: Path) -> None:
    """As containers are given secrets: one file, whose last line ending is not part of it."""
    (tmp_path / "token").write_text("s3cret\n")
    path = written(tmp_path, "")
    named = {"DATELINE_SERVE_TOKEN_FILE": str(tmp_path / "token")}
    assert load(path, named).serve.token == "s3cret"
    with pytest.raises(SettingsError, match="both set"):
        load(path, named | {"DATELINE_SERVE_TOKEN": "other"})
    with pytest.raises(SettingsError, match="none' cannot be read"):
        load(path, {"DATELINE_SERVE_TOKEN_FILE": str(tmp_path / "none")})
    with pytest.raises(SettingsError, match="no setting DATELINE_SERVE_HOST_FILE"):
        load(path, {"DATELINE_SERVE_HOST_FILE": str(tmp_path / "token")})


def test_empty_turns_an_option_off_only_where_it_can_be_off(tmp_path: Path) -> None:
    """In the file and in the environment alike."""
    path = written(tmp_path, '[pool]\nrecycle_after_jobs = ""\n[archive]\nfolder = ""\n')
    settings = load(path, {"DATELINE_POOL_CHILDREN": ""})
    assert (settings.pool.recycle_after_jobs, settings.archive.folder, settings.pool.children) == (None, None, None)
    for text in (
        '[redis]\nappendfsync = ""',
        '[poll]\nat_once = ""',
        "[poll]\njitter = nan",
        "[poll]\nceiling_seconds = inf",
    ):
        with pytest.raises(SettingsError):
            load(written(tmp_path, text), {})


def test_every_option_states_a_reason_and_every_number_a_range() -> None:
    """The file and the messages are made of these."""
    for section, kind in SECTIONS.items():
        for option in options(kind):
            assert option.reason, f"{section}.{option.name}"
            words = wanted(option.type)
            assert "number" not in words or "from" in words, f"{section}.{option.name} takes {words}"


def test_a_wrong_settings_file_ends_the_program_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And says what, where and what to do, without a trace."""
    path = written(tmp_path, "[pol]\n")
    assert main(["doctor", "--config", str(path)]) == 2
    said = capsys.readouterr().err
    assert str(path) in said and "Traceback" not in said
    assert main(["doctor", "--config", str(tmp_path / "none.toml")]) == 2
    assert main(["docter"]) == 2
    assert "did you mean 'doctor'" in capsys.readouterr().err


def test_an_unknown_stage_or_forwarder_is_refused_with_the_kinds_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything runs."""
    path = written(tmp_path, '[[stages]]\nkind = "drop_shrot"\n')
    assert main(["doctor", "--config", str(path)]) == 2
    assert "drop_short" in capsys.readouterr().err
    path = written(tmp_path, '[[stages]]\nkind = "drop_short"\nmin_wrods = 3\n')
    assert main(["doctor", "--config", str(path)]) == 2
    assert "min_words" in capsys.readouterr().err


def test_the_feeds_file_takes_addresses_and_tables_and_names_what_is_wrong(tmp_path: Path) -> None:
    """Groups hand their overrides down; a feed listed twice counts once."""
    path = tmp_path / "feeds.toml"
    path.write_text(
        '[groups.a]\ninterval_seconds = 60\nfeeds = ["http://x.example/1", {url = "http://x.example/2", title = "Two",'
        ' full_text = true}, "http://x.example:80/1"]\n'
    )
    rows = feeds_file.read(path)
    assert [(r.url, r.group, r.title, dict(r.overrides)) for r in rows] == [
        ("http://x.example/1", "a", "", {"interval_seconds": 60}),
        ("http://x.example/2", "a", "Two", {"interval_seconds": 60, "full_text": True}),
    ]
    for text, says in (
        ('[groups.a]\nfeeds = ["ftp://x"]', "ftp"),
        ('[groups.a]\nfeeds = [{url = "http://x.example/", intervall = 3}]', "no option 'intervall'"),
        ("[group.a]\nfeeds = []", "write \\[groups.NAME\\]"),
        ("[groups.a]\nfeeds = [3]", "not 3"),
    ):
        path.write_text(text)
        with pytest.raises(SettingsError, match=says):
            feeds_file.read(path)


@examples(suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault of the strategy
@given(
    st.dictionaries(
        st.sampled_from(sorted(SECTIONS)), st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=5))
    )
)
def test_any_table_is_read_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, table: dict[str, dict[str, object]]
) -> None:
    """Never a traceback, whatever stands in the file."""
    for name, rows in table.items():
        try:
            read_section(SECTIONS[name], rows, name, "file")
        except SettingsError as error:
            assert "file" in str(error)


def test_an_operators_own_names_and_frames_are_checked_at_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wrong ones are refused with file and line; right ones are read with ours."""
    names = tmp_path / "names.tsv"
    names.write_text("only one field\n")
    path = written(tmp_path, f'[read]\ngazetteers = ["{names}"]\n')
    assert main(["doctor", "--config", str(path)]) == 2
    assert f"{names}" in capsys.readouterr().err


def test_an_option_that_is_switched_off_is_printed_so_that_it_stays_off(tmp_path: Path) -> None:
    """`poll.silence_seconds` has a default: leaving it out would switch the alarm on again."""
    file = tmp_path / "dateline.toml"
    file.write_text('poll.silence_seconds = ""\n')
    loaded = load(file, {})
    assert loaded.poll.silence_seconds is None
    file.write_text(to_toml(loaded))
    assert load(file, {}).poll.silence_seconds is None
