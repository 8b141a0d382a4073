"""Packs the JSON of records for the index: zlib with a dictionary of what every record repeats.

The dictionary is part of the file format: a change needs a new ``VERSION`` in `database`.
"""

from __future__ import annotations

import zlib

#: Keys and values of typical records; zlib finds the frequent ones best at the end.
_ARTICLE = (
    b'"kind":"caption","kind":"bullet","kind":"byline","origin":"granularity":"part_of_day","granularity":"week",'
    b'"anchor":"dateline","type":"TIME","type":"DURATION","type":"IGO","type":"FACILITY","type":"REGION","type":"NORP",'
    b'"canonical_url":"https://www.","feed":"https://","guid":"","language":"en","agency":{"id":"reuters","name":"Reuters"},'
    b'"publisher":"","byline":[{"name":"","role":""}],"dateline":{"place":"","country":"","date":"2026-","raw":"","start":0,'
    b'"published":"2026-","published_raw":"","updated":"2026-","fetched":"2026-","text":"","text_sha256":"","blocks":['
    b'"captions":[{"text":"","credit":"","rights":"","quotes":[{"text":"","speaker":{"text":"","entity":""},"kind":"indirect",'
    b'"cue":"said","kind":"direct","cue":"told","anonymous":true,"keywords":["","section":"","summary":"","image":"https://",'
    b'"extracted_from":"page","family":{"id":"","role":"original","size":1,"owners":[""]},"extractor":{"name":"dateline",'
    b'"version":"","lexicon":""}}{"id":"","revision":1,"url":"https://www.","title":"","entities":[{"type":"PERSON",'
    b'"canonical":"","start":,"end":},{"type":"COUNTRY","canonical":"","country":"","start":,"end":},{"type":"ORG",'
    b'"canonical":"","start":,"end":},{"type":"CITY","canonical":"","country":"USA","start":,"end":}],"timex":[{"start":'
    b',"end":,"value":"2026-","granularity":"day","anchor":"publication","type":"DATE"},{"kind":"body","start":,"end":},'
)
_EVENT = (
    b'"historical":true,"negated":true,"conditional":true,"certainty":"anticipated","certainty":"alleged","anonymous":true,'
    b'"counts":{"killed":[,"injured":[,"arrested":[,"size":[,"mode":"","resolved_by":"demonym","resolved_by":"title",'
    b'"resolved_by":"capital","resolved_by":"pronoun","sector":"MIL","sector":"COP","sector":"OPP","sector":"REB","sector":"BUS",'
    b'"sector":"CVL","sector":"JUD","sector":"LEG","sector":"IGO","type":"CONSULT","type":"ASSAULT","type":"REQUEST",'
    b'"type":"ACCUSE","type":"REJECT","type":"AGREE","type":"SUPPORT","type":"COERCE","quad":"material cooperation",'
    b'"quad":"verbal cooperation","quad":"verbal conflict","quad":"material conflict","contexts":["diplomatic"],'
    b'"contexts":["military"],"contexts":["economic"],"contexts":["legal"],"date":{"start":"2026-","end":"2026-",'
    b'"granularity":"day","expression":"","anchor":"publication","span":[]},"location":{"name":"","country":"","admin1":"",'
    b'"lat":,"lon":,"inferred":true,"span":[]},"attribution":{"source":"","independent_sources":1,"certainty":"asserted"},'
    b'"attribution":{"independent_sources":1,"certainty":"reported","span":[]},"factuality":{"tense":"present"},'
    b'"factuality":{"tense":"past"},"evidence":{"text":"","start":,"end":,"trigger":{"text":"","start":,"end":},"block":,'
    b'"sentence":},"confidence":0.,"reasons":["frame ","main clause +0.35","public actor +0.35","lead paragraph +0.45",'
    b'"both parties named +0.5"],"main":true}{"id":"","cluster_id":"","article":"","revision":1,"plover":{"type":"",'
    b'"intensity":-},"cameo":{"root":"","code":"","quad_class":},"actors":[{"text":"","canonical":"","country":"",'
    b'"sector":"GOV","code":"","start":,"end":,"resolved_by":"name"}],"recipients":[{"text":"","canonical":"","country":"'
)


def pack_article(data: str) -> bytes:
    """Compress an article's JSON; a lone surrogate becomes one question mark, so that offsets stay right."""
    return _pack(data, _ARTICLE)


def pack_event(data: str) -> bytes:
    """Compress an event's JSON."""
    return _pack(data, _EVENT)


def unpack_article(body: bytes) -> bytes:
    """Return the JSON that `pack_article` was given."""
    return _unpack(body, _ARTICLE)


def unpack_event(body: bytes) -> bytes:
    """Return the JSON that `pack_event` was given."""
    return _unpack(body, _EVENT)


def _pack(data: str, dictionary: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15, zdict=dictionary)
    return packer.compress(data.encode("utf-8", "replace")) + packer.flush()


def _unpack(body: bytes, dictionary: bytes) -> bytes:
    unpacker = zlib.decompressobj(-15, zdict=dictionary)
    return unpacker.decompress(body) + unpacker.flush()
