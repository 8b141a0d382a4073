"""Forwarders to message brokers: NATS and RabbitMQ on real servers, Kafka on librdkafka's mock brokers.

The mock brokers speak Kafka's wire protocol and are not Kafka: what they show is that the producer connects, is idempotent,
keeps order and sees errors, not how a real cluster fails over.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from dateline.errors import PartlyForwarded
from dateline.forward import kafka, nats, rabbitmq
from dateline.ports import Forwarder, Resources
from support.ports import free_port
from support.receivers import as_other_user, program, running
from support.records import article, event

ENTRIES = [article(1), event(1), article(2)]
IDS = [entry["id"] for entry in ENTRIES]


@pytest.fixture(scope="module")
def nats_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    command = [program("nats-server", "nats-server"), "-js", "-a", "127.0.0.1", "-p", str(port := free_port())]
    with running([*command, "-sd", str(tmp_path_factory.mktemp("nats"))], port):
        yield f"nats://127.0.0.1:{port}"


async def test_nats_has_each_entry_once_under_the_subject_of_its_type(nats_url: str) -> None:
    """A redelivered entry has the same message id, and JetStream drops it."""
    client_library = pytest.importorskip("nats")
    forwarder = nats.build(nats.Settings(url=nats_url), Resources())
    await forwarder.forward(ENTRIES)
    await forwarder.forward(ENTRIES)
    await forwarder.close()
    client = await client_library.connect(nats_url)
    reader = await client.jetstream().pull_subscribe("dateline.>", "reader")
    messages = await reader.fetch(10, timeout=2)
    assert [json.loads(message.data)["id"] for message in messages] == IDS
    assert [message.subject for message in messages][:2] == ["dateline.article.published", "dateline.event.reported"]
    await client.close()


async def test_an_entry_larger_than_nats_takes_is_refused_and_the_others_arrive(nats_url: str) -> None:
    pytest.importorskip("nats")
    forwarder = nats.build(nats.Settings(url=nats_url, stream="BIG", subject="big"), Resources())
    with pytest.raises(PartlyForwarded) as stopped:
        await forwarder.forward([article(1), article(2, text="x" * 2_000_000), article(3)])
    assert set(stopped.value.refused) == {"2-1"} and stopped.value.accepted == {"1-1", "3-1"}
    await forwarder.close()


@pytest.mark.parametrize(
    ("module", "url"),
    [(nats, "nats://127.0.0.1:{}"), (rabbitmq, "amqp://guest:guest@127.0.0.1:{}/"), (kafka, "127.0.0.1:{}")],
)
async def test_a_broker_that_is_away_makes_entries_wait(module: Any, url: str) -> None:
    place = url.format(free_port())
    given = {"brokers": place} if module is kafka else {"url": place}
    forwarder: Forwarder = module.build(module.Settings(**given, timeout_seconds=3.0), Resources())
    with pytest.raises(PartlyForwarded) as stopped:
        await forwarder.forward(ENTRIES)
    assert not stopped.value.accepted and not stopped.value.refused
    await forwarder.close()
    await forwarder.close()


@pytest.fixture(scope="module")
def rabbitmq_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = program("rabbitmq-server", "rabbitmq-server")
    folder, port, names_port = tmp_path_factory.mktemp("rabbitmq"), free_port(), str(free_port())
    change = as_other_user(folder)
    environment = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "LC_ALL")} | {
        "HOME": str(folder), "RABBITMQ_NODENAME": f"t{port}@localhost", "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1", "RABBITMQ_MNESIA_BASE": str(folder), "RABBITMQ_LOG_BASE": str(folder),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"), "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "none"), "ERL_EPMD_PORT": names_port,
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
    }  # fmt: skip
    with running([server], port, preexec_fn=change, cwd=folder, env=environment):
        yield f"amqp://guest:guest@127.0.0.1:{port}/"
    subprocess.run(
        [program("epmd", "erlang-base"), "-port", names_port, "-kill"], stdout=subprocess.DEVNULL, check=False
    )


async def test_rabbitmq_has_each_entry_under_its_type_and_drops_none_that_no_queue_takes(rabbitmq_url: str) -> None:
    aio_pika = pytest.importorskip("aio_pika")
    unbound = rabbitmq.build(rabbitmq.Settings(url=rabbitmq_url), Resources())
    with pytest.raises(PartlyForwarded, match="no queue of exchange dateline takes") as stopped:
        await unbound.forward(ENTRIES)
    assert not stopped.value.accepted
    await unbound.close()
    forwarder = rabbitmq.build(rabbitmq.Settings(url=rabbitmq_url, queue="news"), Resources())
    await forwarder.forward(ENTRIES)
    await forwarder.close()
    async with await aio_pika.connect(rabbitmq_url) as connection:
        channel = await connection.channel()
        queue = await channel.get_queue("news")
        messages = [await queue.get(no_ack=True) for _ in ENTRIES]
    assert [message.message_id for message in messages] == IDS
    assert [message.routing_key for message in messages][:2] == ["article.published", "event.reported"]
    assert json.loads(messages[1].body)["data"]["id"] == "e1"


@pytest_asyncio.fixture
async def mock_brokers() -> AsyncIterator[tuple[Any, str]]:
    """A librdkafka producer, which owns the mock brokers, and their addresses."""
    library = pytest.importorskip("confluent_kafka")
    owner = library.Producer({"test.mock.num.brokers": 2, "bootstrap.servers": "unused"})
    brokers = await asyncio.to_thread(lambda: owner.list_topics(timeout=10).brokers)
    yield owner, ",".join(f"{broker.host}:{broker.port}" for broker in brokers.values())


async def test_kafka_has_each_entry_in_order_keyed_by_its_article(mock_brokers: tuple[Any, str]) -> None:
    owner, brokers = mock_brokers
    library = pytest.importorskip("confluent_kafka")
    await asyncio.to_thread(owner.list_topics, "dateline", 10)
    forwarder = kafka.build(kafka.Settings(brokers=brokers, max_request_bytes=100_000), Resources())
    with pytest.raises(PartlyForwarded) as stopped:
        await forwarder.forward([*ENTRIES, article(4, text="x" * 200_000)])
    assert set(stopped.value.refused) == {"4-1"} and len(stopped.value.accepted) == 3
    await forwarder.close()

    def read() -> list[Any]:
        reader = library.Consumer({"bootstrap.servers": brokers, "group.id": "r", "auto.offset.reset": "earliest"})
        parts = reader.list_topics("dateline", 10).topics["dateline"].partitions
        reader.assign([library.TopicPartition("dateline", number, 0) for number in parts])
        found = []
        while len(found) < 3 and (message := reader.poll(10)) is not None:
            if message.error() is None:
                found.append(message)
        reader.close()
        return found

    messages = await asyncio.to_thread(read)
    assert {json.loads(message.value())["id"] for message in messages} == set(IDS)
    of_first = [message for message in messages if message.key() == b"a1"]
    assert [dict(message.headers())["type"] for message in of_first] == [
        b"dateline.article.published", b"dateline.event.reported",
    ]  # fmt: skip
