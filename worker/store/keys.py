"""The names of everything Dateline keeps in Redis, and which partition holds what.

The published stream of a partition is its hash tag: ``dateline:events`` lies in the same slot as every key that carries
``{dateline:events}``. So all keys of a partition are in one slot of a Redis Cluster, and at one partition the stream has the
plain name that the contract promises.

| key | type | holds | age or limit |
| --- | --- | --- | --- |
| ``due`` | sorted set | feed id by due time (ms); claimed: the lease's end; paused: +inf | one per feed |
| ``f:<feed>`` | hash | one feed's address and state (`feed_state`) | with the feed |
| ``fx:<feed>`` | hash | what a removed feed showed | ``memory_days`` |
| ``entries`` | stream | entries on their way, group ``workers`` | deleted when settled |
| ``wait``, ``wait:b`` | hash | feed id to how many of its entries wait, and their bytes | with the entries |
| ``later`` | sorted set | entries waiting for a retry or a free slot, by time | moved to ``entries`` when due |
| ``n:<period>:<bucket>`` | hash | alias to article id | ``memory_days`` |
| ``p:<period>:<bucket>`` | hash | fingerprint to article id | ``memory_days`` |
| ``k:<period>:<bucket>`` | hash | sketch element to article ids | ``sketch_days`` |
| ``fam:<article>`` | hash | printings of one copy: article id to owner | ``memory_days`` |
| ``pair:<article>`` | hash | the first of two near copies that came at once (several partitions) | an hour |
| ``a:<period>:<bucket>`` | hash | article id to its record | ``memory_days`` |
| ``l:<article>`` | string | the claim on one article | its lease |
| ``tried:<message>`` | set | the workers that tried a suspect entry alone | a day |
| ``recheck`` | sorted set | article id by time of the next look | last look: 24 h |
| ``o:<owner>`` | hash | an owner's next free slot, blocks | one hour idle |
| ``o:<owner>:in`` | sorted set | requests to an owner under way | their lease |
| ``pub:<publisher>`` | hash | how its pages could be read: decayed sums, what is degraded | 60 days unseen |
| ``pubs`` | sorted set | publishers by when they were seen last | 20,000 |
| ``subs`` | sorted set | feed id by when its WebSub hub is asked again | one per feed with a hub |
| ``cb:<token>`` | string | the feed behind a WebSub callback | 40 days unused |
| ``hub:<address>`` | string | how well a WebSub hub did | 90 days |
| ``robots:<host>`` | string | robots.txt | 24 h, ``ROBOTS_SIZES`` |
| ``robots_s``, ``robots_b`` | sorted set | origins whose short or long robots.txt is kept, by time | 7 days, ``ROBOTS_SIZES`` |
| ``dead`` | stream | dead letters | ``dead_letters_limit``, ``kept_mib`` |
| ``dead:t``, ``dead:o`` | hash, list | their entries with the feed's texts; their ids, oldest first | ``kept_mib`` |
| ``dropped`` | stream | entries that a stage dropped, with its name | 10,000, ``kept_mib`` |
| ``back:<owner>`` | set | dead letters that come back when the owner answers | 30 days |
| ``failed`` | sorted set | what reading steps failed on, by time (partition 0) | 200, 8 MiB, 30 days |
| ``failed:e``, ``failed:n`` | hash | the records; how often each kind | likewise |
| ``trail`` | stream | what happened to each entry | ``trail_limit``, ``kept_mib`` |
| ``trims`` | hash | up to which ``seq`` we trimmed the stream; what somebody else took | one |
| ``dead:<group>`` | stream | entries that a consumer group gave up | 10,000 |
| ``forwarders`` | hash | group of each forwarder to its kind and target (partition 0) | one per forwarder |
| ``forwarder:<group>`` | hash | how a forwarder does (partition 0) | 90 days unseen |
| ``turn:<group>`` | string | the worker that sends the partition's entries for a forwarder | its lease |
| ``waited`` | string | written while a cluster's replica is waited for | a second |
| ``seq``, ``stats``, ``meta`` | string, hash, hash | last seq; counters; key schema version, the store's id | one each |
| ``workers`` | sorted set | workers by when they signed in last | 6 h unseen |
| ``restart`` | hash | worker to the settings sections that wait for its restart | a day |
| ``notices`` (public: ``dateline:notices``) | stream | operational notices | ``notices_limit`` |
"""

from __future__ import annotations

from dataclasses import dataclass

from ..topology import name_stream

KEY_SCHEMA = 4  #: Version of this layout; another one in Redis is refused at start with the remedy.
GROUP = "workers"


@dataclass(frozen=True, slots=True)
class Keys:
    """Key names of one partition.

    Args:
        prefix: ``dateline`` unless the operator shares one Redis between installations.
        partition: 0-based; 0 carries the stream's plain name.
    """

    prefix: str = "dateline"
    partition: int = 0

    @property
    def events(self) -> str:
        """The published stream."""
        return name_stream(self.prefix, self.partition)

    @property
    def notices(self) -> str:
        """The operational notices (partition 0 only)."""
        return f"{self.prefix}:notices"

    @property
    def base(self) -> str:
        """What every other key of the partition begins with, hash tag included."""
        return "{" + self.events + "}:"

    def __getattr__(self, name: str) -> str:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.base + name

    def feed(self, feed: str) -> str:
        """One feed's state."""
        return f"{self.base}f:{feed}"
