"""Brings the small libraries of the desk's page, each at its pinned version, with its licence: needs npm and the network.

    python3 tools/vendor_desk.py

Writes ``worker/serve/desk/static/vendor/`` and ``tests/browser/vendor/`` (axe-core, for tests only), each with a
``VENDORED.toml`` of versions and hashes that a test compares. To update one: change its version here and run it again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE, TESTS = ROOT / "worker/serve/desk/static/vendor", ROOT / "tests/browser/vendor"

#: Package, version, licence, and its files: path in the package to name here.
PACKAGES: list[tuple[Path, str, str, str, dict[str, str]]] = [
    (PAGE, "htm", "3.1.1", "Apache-2.0", {"preact/standalone.module.js": "preact.js"}),  # with Preact (MIT) inside
    (PAGE, "uplot", "1.6.32", "MIT", {"dist/uPlot.esm.js": "uplot.js", "dist/uPlot.min.css": "uplot.css"}),
    (PAGE, "d3-array", "3.2.5", "ISC", {"dist/d3-array.min.js": "d3-array.js"}),
    (PAGE, "d3-geo", "3.1.2", "ISC", {"dist/d3-geo.min.js": "d3-geo.js"}),
    (PAGE, "topojson-client", "3.1.0", "ISC", {"dist/topojson-client.min.js": "topojson.js"}),
    (PAGE, "world-atlas", "2.0.2", "ISC", {"countries-110m.json": "world.json"}),  # Natural Earth, public domain
    (TESTS, "axe-core", "4.14.1", "MPL-2.0", {"axe.min.js": "axe.js"}),
]
#: Run in node to find the countries' centres.
_SCRIPTS = [
    ("d3-array-3.2.5", "d3-array.min.js"),
    ("d3-geo-3.1.2", "d3-geo.min.js"),
    ("topojson-client-3.1.0", "topojson-client.min.js"),
]
_CENTRES = """
const world = JSON.parse(require("fs").readFileSync(process.argv[2]));
const found = {};
for (const one of topojson.feature(world, world.objects.countries).features) {
  const parts = one.geometry.type === "MultiPolygon" ? one.geometry.coordinates : [one.geometry.coordinates];
  const shapes = parts.map((coordinates) => ({ type: "Polygon", coordinates }));
  const largest = shapes.reduce((a, b) => (d3.geoArea(b) > d3.geoArea(a) ? b : a));
  const area = d3.geoArea(largest);
  if (!one.id || found[one.id]?.area > area) continue; // Small territories have their country's code.
  found[one.id] = { area, at: d3.geoCentroid(largest).map((degrees) => Math.round(degrees * 10) / 10) };
}
console.log(JSON.stringify(Object.fromEntries(Object.entries(found).map(([id, one]) => [id, one.at]))));
"""
#: Names as newspapers write them, where the list has the long official one.
SHORT = {
    "BOL": "Bolivia", "BRN": "Brunei", "COD": "DR Congo", "COG": "Congo", "FSM": "Micronesia", "GBR": "United Kingdom",
    "IRN": "Iran", "KOR": "South Korea", "LAO": "Laos", "LBY": "Libya", "MDA": "Moldova", "PRK": "North Korea",
    "PSE": "Palestine", "RUS": "Russia", "SYR": "Syria", "TWN": "Taiwan", "TZA": "Tanzania", "USA": "United States",
    "VAT": "Vatican", "VEN": "Venezuela", "VNM": "Vietnam", "TUR": "Türkiye", "CIV": "Ivory Coast", "MMR": "Myanmar",
    "MKD": "North Macedonia", "CHN": "China", "HKG": "Hong Kong", "MAC": "Macao", "CPV": "Cape Verde",
}  # fmt: skip
COUNTRIES = ("i18n-iso-countries", "7.14.0", "MIT")


def main() -> int:
    """Fetch everything anew."""
    if shutil.which("npm") is None:
        sys.stderr.write("npm is needed: apt-get install npm\n")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        for target in (PAGE, TESTS):
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir(parents=True)
        for target, name, version, licence, files in PACKAGES:
            unpacked = fetch(name, version, Path(folder))
            for source, here in files.items():
                (target / here).write_bytes((unpacked / source).read_bytes())
            record(target, name, version, licence, unpacked, list(files.values()))
        name, version, licence = COUNTRIES
        unpacked, atlas = fetch(name, version, Path(folder)), fetch("world-atlas", "2.0.2", Path(folder))
        rows = countries(unpacked, centres(Path(folder), atlas))
        (PAGE / "countries.json").write_text(json.dumps(rows, ensure_ascii=False, separators=(",", ":")) + "\n")
        record(PAGE, name, version, licence, unpacked, ["countries.json"])
    return 0


def fetch(name: str, version: str, folder: Path) -> Path:
    """Return the unpacked package."""
    target = folder / f"{name}-{version}"
    if not target.exists():
        subprocess.run(
            ["npm", "pack", "--silent", f"{name}@{version}"], cwd=folder, check=True, stdout=subprocess.DEVNULL
        )
        with tarfile.open(folder / f"{name}-{version}.tgz") as archive:
            archive.extractall(target, filter="data")
    return target / "package"


def record(target: Path, name: str, version: str, licence: str, unpacked: Path, files: list[str]) -> None:
    """Copy the licence and write down what came."""
    (target / f"{name}.LICENSE").write_bytes((unpacked / "LICENSE").read_bytes())
    with (target / "VENDORED.toml").open("a") as file:
        file.write(f'[{name}]\nversion = "{version}"\nlicence = "{licence}"\n')
        for one in files:
            file.write(f'"{one}" = "{hashlib.sha256((target / one).read_bytes()).hexdigest()}"\n')
        file.write("\n")


def countries(unpacked: Path, places: dict[str, tuple[float, float]]) -> dict[str, list[Any]]:
    """Return [numeric code, English name, longitude, latitude] by alpha-3 code; no position where the atlas has none."""
    codes = json.loads((unpacked / "codes.json").read_text())
    names = json.loads((unpacked / "langs/en.json").read_text())["countries"]
    found = {}
    for alpha2, alpha3, numeric, *_ in codes:
        name = names.get(alpha2, alpha3)
        name = name[0] if isinstance(name, list) else name
        found[alpha3] = [numeric, SHORT.get(alpha3, name), *places.get(numeric, ())]
    return dict(sorted(found.items()))


def centres(folder: Path, atlas: Path) -> dict[str, tuple[float, float]]:
    """Return the centre of each country's largest part on the sphere, by numeric code; with node and the libraries above."""
    paths = [folder / f"{name}/package/dist/{file}" for name, file in _SCRIPTS]
    code = "".join(path.read_text().replace("(this,", "(globalThis,") + "\n" for path in paths) + _CENTRES
    script = folder / "centres.cjs"
    script.write_text(code.replace('"object"==typeof exports', "false"))
    done = subprocess.run(["node", script, atlas / "countries-50m.json"], check=True, stdout=subprocess.PIPE, text=True)
    return {code: (point[0], point[1]) for code, point in json.loads(done.stdout).items()}


if __name__ == "__main__":
    sys.exit(main())
