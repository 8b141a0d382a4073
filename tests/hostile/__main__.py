"""``python -m tests.hostile [--only TEXT]``: every case of the catalogue on the real daemon; exits 1 where a duty is broken."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hostile import nowhere, play
from hostile.house import HOSTILE
from hostile.judge import INSTEAD
from support.redis_server import RedisServer, servers


def elsewhere(folder: Path, wrong: list[str]) -> str:
    """The names of the hostile name server, and ``ssrf.jsonl`` as feeds, links and redirects; what broke joins ``wrong``."""
    if why := nowhere.missing():
        return f"names and forbidden addresses: not played, {why}"
    folder.mkdir()
    server = RedisServer(servers()[-1], folder)
    server.start()
    try:
        said = nowhere.enter(folder, server.url)
    finally:
        server.kill()
    broken = nowhere.judge(said)
    wrong += broken
    entries = sum(said["entries"].values())
    return (
        f"names and forbidden addresses: {len(said['named'])} polls by name, {said['rows']} addresses as feeds and "
        f"{entries} times as links and redirects, {len(broken)} broken"
    )


def main(words: list[str]) -> int:
    """Gives 1 where a duty was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile")
    parser.add_argument("--only", default="", help="cases whose path has this text")
    parser.add_argument("--quick", action="store_true", help="the cases of every test run")
    options = parser.parse_args(words)
    if not HOSTILE.is_dir():
        sys.stdout.write("hostile servers: not played, the shared material is not on this machine\n")
        return 0
    cases = [c for c in play.chosen(play.QUICK if options.quick else None) if options.only in c.path]
    with tempfile.TemporaryDirectory(prefix="hostile") as name:
        folder = Path(name)
        server = RedisServer(servers()[-1], folder)
        server.start()
        began = time.monotonic()
        try:
            found, wrong = play.play(folder, server, cases)
            server.stop()
            nowhere_said = elsewhere(folder / "nowhere", wrong)
        finally:
            server.kill()
    for reasons in found.broken.values():
        sys.stdout.writelines(f"broken  {reason}\n" for reason in reasons)
    sys.stdout.writelines(f"broken  {reason}\n" for reason in wrong)
    otherwise = sum(case.path in INSTEAD and case.number not in found.broken for case in cases)
    met = found.cases - len(found.broken) - otherwise
    sys.stdout.write(f"hostile servers: {met} of {found.cases} cases met, {otherwise} otherwise on purpose,")
    sys.stdout.write(f" in {time.monotonic() - began:.0f} s\n{nowhere_said}\n")
    return 1 if found.broken or wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
