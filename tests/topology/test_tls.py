"""TLS to Redis: a server with a certificate of a private CA, and what is said where it is not trusted."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dateline.client import Consumer
from dateline.errors import SettingsError, StoreUnavailable
from dateline.settings import RedisSettings
from dateline.store.checks import check_schema
from dateline.store.ledger import Ledger
from dateline.store.records import ArticleRecord
from dateline.store.redis import Connection
from dateline.topology.slots import slot_of
from support.conditions import eventually
from support.ports import free_port
from support.redis_cluster import RedisCluster, SentinelSet, Tls, running
from support.redis_server import RedisServer, servers

OPENSSL = shutil.which("openssl")
BINARY = next((one for one in servers() if one.version >= (7, 0)), None)


def make_authority(folder: Path, name: str) -> Path:
    """Make a CA; gives its certificate, beside its key."""
    command = [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem",
    ]  # fmt: skip
    run_openssl(folder, *command)
    return folder / f"{name}.pem"


def make_certificate(folder: Path, names: str) -> None:
    """Make ``server.pem`` and ``server.key`` for these names, signed by the CA ``ours``."""
    (folder / "names").write_text(f"subjectAltName={names}")
    run_openssl(
        folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost",
        "-keyout", "server.key", "-out", "server.csr",
    )  # fmt: skip
    run_openssl(
        folder, "x509", "-req", "-in", "server.csr", "-CA", "ours.pem", "-CAkey", "ours.key", "-CAcreateserial",
        "-days", "2", "-extfile", "names", "-out", "server.pem",
    )  # fmt: skip


def run_openssl(folder: Path, *arguments: str) -> None:
    assert OPENSSL is not None
    subprocess.run([OPENSSL, *arguments], cwd=folder, check=True, capture_output=True)


@dataclass(frozen=True)
class Secured:
    """A server with TLS: its port, the CA it belongs to, and another one."""

    port: int
    authority: Path
    stranger: Path


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """A server whose certificate is for localhost."""
    if OPENSSL is None or BINARY is None:
        pytest.skip("openssl or a redis-server of version 7 is not here")
    folder = tmp_path_factory.mktemp("tls")
    authority, stranger = make_authority(folder, "ours"), make_authority(folder, "another")
    make_certificate(folder, "DNS:localhost")
    port = free_port()
    server = RedisServer(BINARY, folder)
    try:
        server.start(
            tls_port=str(port), tls_cert_file=str(folder / "server.pem"), tls_key_file=str(folder / "server.key"),
            tls_ca_cert_file=str(authority), tls_auth_clients="no",
        )  # fmt: skip
    except RuntimeError as error:
        pytest.skip(f"this redis-server has no TLS: {str(error)[-200:]}")
    yield Secured(port, authority, stranger)
    server.stop()


async def publish(connection: Connection) -> None:
    """Append one article."""
    await Ledger(connection).publish(
        "a" * 16, "m", ArticleRecord(revision=1, fingerprint=b"f"),
        [(("specversion", "1.0"), ("source", "s"), ("id", "e1"), ("type", "dateline.article.published"), ("data", "{}"))],
        expected_revision=0, recheck_seconds=None,
    )  # fmt: skip


async def test_a_server_of_a_private_ca_is_written_and_read_over_tls(secured: Secured) -> None:
    """By the worker and by the client, with ``ssl_ca_certs`` in the URL."""
    url = f"rediss://localhost:{secured.port}/0?ssl_ca_certs={secured.authority}"
    connection = Connection(RedisSettings(url=url))
    await publish(connection)
    assert int(await connection.call("XLEN", connection.keys[0].events)) == 1
    await connection.close()
    async with Consumer(url, group="tls") as consumer:
        async for message in consumer:
            assert message.envelope.id == "e1"
            break


@pytest.mark.parametrize("query", ["?ssl_ca_certs={stranger}", ""], ids=["another CA", "the system's CAs"])
async def test_a_certificate_that_is_not_trusted_is_named_with_the_place_and_the_remedy(
    secured: Secured, query: str
) -> None:
    """Waiting does not heal it: the daemon stops with it at start, and so does a client."""
    url = f"rediss://localhost:{secured.port}/0" + query.format(stranger=secured.stranger)
    connection = Connection(RedisSettings(url=url, timeout_seconds=5))
    with pytest.raises(SettingsError) as refused:
        await connection.call("PING")
    await connection.close()
    assert f"localhost:{secured.port}" in str(refused.value)
    assert "certificate" in str(refused.value) and "ssl_ca_certs" in str(refused.value)


async def test_a_name_that_the_certificate_does_not_have_and_a_ca_file_that_is_not_there_are_refused(
    secured: Secured,
) -> None:
    """The host in the URL must be one of the certificate's names."""
    for url, said in (
        (f"rediss://127.0.0.1:{secured.port}/0?ssl_ca_certs={secured.authority}", "certificate"),
        (f"rediss://localhost:{secured.port}/0?ssl_ca_certs={secured.authority}.missing", "ssl_ca_certs"),
    ):
        with pytest.raises(SettingsError, match=said):
            connection = Connection(RedisSettings(url=url, timeout_seconds=5))
            try:
                await connection.call("PING")
            finally:
                await connection.close()


@pytest.fixture
def files(tmp_path: Path) -> Tls:
    """A certificate for 127.0.0.1, which is how the servers of a cluster or a set name each other."""
    if OPENSSL is None or BINARY is None:
        pytest.skip("openssl or a redis-server of version 7 is not here")
    make_authority(tmp_path, "ours")
    make_authority(tmp_path, "another")
    make_certificate(tmp_path, "IP:127.0.0.1")
    return Tls(tmp_path / "ours.pem", tmp_path / "server.pem", tmp_path / "server.key")


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["cluster", "sentinel"])
async def test_a_cluster_and_a_set_with_sentinel_are_used_over_tls_through_a_failover(kind: str, files: Tls) -> None:
    """Every server, and every sentinel, takes TLS alone. A CA that did not sign the certificates is named with the remedy."""
    assert BINARY is not None
    with tempfile.TemporaryDirectory(prefix="dl") as home:
        made = {"cluster": RedisCluster, "sentinel": SentinelSet}[kind](BINARY, Path(home) / kind, tls=files)
        with running(made) as servers:
            url = servers.url.replace("redis+", "rediss+") + "?ssl_ca_certs="
            settings = RedisSettings(url=f"{url}{files.authority}", partitions=4, timeout_seconds=5)
            connection = Connection(settings)
            await check_schema(connection)
            await publish(connection)
            if kind == "cluster":
                servers.kill_primary(slot_of(connection.keys[connection.partition_of("a" * 16)].events))
            else:
                servers.kill_primary()
            await eventually(lambda: is_there(connection))
            await connection.close()
            async with Consumer(settings.url or "", group="tls") as consumer:
                async for message in consumer:
                    assert message.envelope.id == "e1"
                    break
            wrong = Connection(RedisSettings(url=f"{url}{files.authority.with_name('another.pem')}", timeout_seconds=5))
            with pytest.raises(SettingsError, match=r"certificate is not trusted.*ssl_ca_certs"):
                await wrong.call("PING")
            await wrong.close()


async def is_there(connection: Connection) -> bool:
    """Whether the article that was published is on one of the streams."""
    try:
        return sum(await connection.pipeline([("XLEN", keys.events) for keys in connection.keys])) == 1
    except StoreUnavailable:
        return False
