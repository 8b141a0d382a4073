"""Write worker/urls/tracking_sites.toml from the rules of tidy-url (MIT, https://github.com/DrKain/tidy-url).

Usage: ``npm pack tidy-url && tar xzf tidy-url-*.tgz && python tools/build_tracking.py package``; node reads ``rules.js``.
Rules with conditions of their own (an address pattern, exceptions) are left out, and so are names that no query can have.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

OUT = Path(__file__).resolve().parents[1] / "worker" / "urls" / "tracking_sites.toml"
HEAD = """# Query parameters that track, by site. Written by tools/build_tracking.py from tidy-url {version}; edit nothing here.
# Copyright (c) 2021 DrKain (https://github.com/DrKain/tidy-url), MIT License:
# Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
# files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
# modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
# Software is furnished to do so, subject to the following conditions: The above copyright notice and this permission notice
# shall be included in all copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY
# OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR
# PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
# LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR
# THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,24}\Z")
_NAME = re.compile(r"[\w.:~$-]{1,60}\Z")


def main(folder: Path) -> None:
    """Read ``folder`` (an unpacked npm package) and write the table."""
    version = json.loads((folder / "package.json").read_text())["version"]
    script = "const r=require(process.argv[1]);console.log(JSON.stringify(r.rules||r.default||r))"
    said = subprocess.run(
        ["node", "-e", script, str((folder / "data" / "rules.js").resolve())],
        check=True,
        capture_output=True,
        text=True,
    )
    everywhere: set[str] = set()
    sites: dict[str, set[str]] = {}
    for rule in json.loads(said.stdout):
        names = {name.strip().lower() for name in rule.get("rules", ()) if _NAME.match(name.strip())}
        if rule["name"] == "Global":
            everywhere |= names
        elif _HOST.match(rule["name"].lower()) and not rule.get("match_href") and not rule.get("exclude"):
            sites.setdefault(rule["name"].lower(), set()).update(
                names - {name.lower() for name in rule.get("allow", ())}
            )
    lines = [HEAD.format(version=version), f"everywhere = {_listed(everywhere)}", "", "[sites]"]
    lines += [f'"{host}" = {_listed(names)}' for host, names in sorted(sites.items()) if names]
    OUT.write_text("\n".join(lines) + "\n")


def _listed(names: set[str]) -> str:
    return json.dumps(sorted(names))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
