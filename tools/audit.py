"""``python tools/audit.py``: pip-audit over what is installed here, from an environment of its own.

Exit 0: asked, nothing known; 1: something is known, or could not be asked about. Where no advisory service can be reached
it says so and exits 2: it needs the network, and is therefore no part of ``make test``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / ".venv-audit"


def installed() -> str:
    """What is installed beside this program, as requirements; our own package, which no index knows, is left out."""
    rows = {(one.metadata["Name"], one.version) for one in distributions()}
    return "".join(f"{name}=={version}\n" for name, version in sorted(rows) if name != "dateline")


def main() -> int:
    """Ask, and say what came out."""
    program = HOME / "bin" / "pip-audit"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", str(HOME)], check=True)
        pip = [
            str(HOME / "bin" / "python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "pip-audit",
        ]
        if subprocess.run(pip).returncode:
            sys.stderr.write(
                "pip-audit cannot be installed here; the floors of tools/floors.toml are all that was checked\n"
            )
            return 2
    wanted = HOME / "installed.txt"
    wanted.write_text(installed())
    asked = subprocess.run(
        [str(program), "--disable-pip", "--no-deps", "--progress-spinner", "off", "--format", "json", "-r", str(wanted)],
        capture_output=True, text=True,
    )  # fmt: skip
    try:
        rows = json.loads(asked.stdout)["dependencies"]
    except ValueError:
        sys.stderr.write(f"no advisory service answered: {asked.stderr.strip().splitlines()[-1:]}\n")
        return 2
    known = [(row["name"], row["version"], hole) for row in rows for hole in row.get("vulns", ())]
    for name, version, hole in known:
        sys.stdout.write(
            f"{name} {version}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version yet'}\n"
        )
    silent = [row["name"] for row in rows if "skip_reason" in row]
    sys.stdout.write(f"{len(rows) - len(silent)} packages asked about, {len(known)} advisories\n")
    if silent:
        sys.stderr.write(
            f"not known to the advisory service: {', '.join(silent[:8])}{' ...' if len(silent) > 8 else ''}\n"
        )
        return 2 if len(silent) == len(rows) else 1
    return 1 if known else 0


if __name__ == "__main__":
    sys.exit(main())
