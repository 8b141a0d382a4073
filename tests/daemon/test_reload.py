"""Settings that a running worker cannot take over are named when they change."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from dateline.daemon import needing_restart
from dateline.settings import Settings
from dateline.settings.schema import SECTIONS

#: What a reload hands to the parts that use it (`dateline.daemon._reload`), and where it was read.
TAKEN_OVER = {"poll", "politeness", "ingest", "read", "stages", "owners", "credentials", "where", "feeds_file"}


@pytest.mark.parametrize("name", Settings.__struct_fields__)
def test_a_changed_section_is_taken_over_or_named(name: str) -> None:
    """Forwarders, subscriptions, log and desk among them; nothing is passed over in silence."""
    before = Settings()
    other: Any = ("changed",)
    if name in SECTIONS:
        section = getattr(before, name)
        other = msgspec.structs.replace(section, **{section.__struct_fields__[-1]: "changed"})
    fresh = msgspec.structs.replace(before, **{name: other})
    assert needing_restart(fresh, before) == ([] if name in TAKEN_OVER else [name])
    assert needing_restart(before, before) == []
