"""Lists the sub-packages of ``worker/``, which is installed as ``dateline``, and compiles the reading steps where asked.

Everything else stands in pyproject.toml. With ``DATELINE_COMPILE=1`` in the environment the wheel is one for this platform:
mypyc compiles the modules that read text, and their sources stay beside them (docs/adr/0013-compiled-reading.md). Folders
instead of the 1 ("read/syntax,text") compile those alone. ``DATELINE_COMPILE_LEVEL`` is the compiler's -O, 2 where not set.
"""

import os
import shutil
import sys
from pathlib import Path

from setuptools import Distribution, find_packages, setup
from setuptools.command.build_ext import build_ext

HERE = Path(__file__).resolve().parent
COMPILE = os.environ.get("DATELINE_COMPILE", "")
#: What compiles; the version that our tests run with. msgspec, for the types of the records.
COMPILER = ["mypy==2.4.1", "msgspec>=0.20"]
#: Folders of `worker/` whose modules are compiled.
FOLDERS = ("read", "text")
#: Modules in them that stay as they are: they import an extra.
NOT_COMPILED = {"read/entities/spacy_model.py", "read/temporal/languages.py"}


class CompiledDistribution(Distribution):
    """A distribution with extension modules, which are not known before mypyc has run."""

    def has_ext_modules(self) -> bool:
        """Say that there are some: the wheel is named for this platform."""
        return True


class CompileReading(build_ext):
    """Compile the reading steps into the folder that the wheel is made of."""

    def run(self) -> None:
        """Let mypyc write C for each module, compile that, and leave a note with mypyc's version for `dateline doctor`."""
        if self.inplace or getattr(self, "editable_mode", False):
            sys.exit("DATELINE_COMPILE is for wheels: an editable installation would not run what you edit. Unset it.")
        from mypy.version import __version__ as version
        from mypyc.build import mypycify

        sys.path.insert(0, str(HERE / "tools"))
        from mypyc_hints import add_hints

        folder = Path(self.build_temp).resolve() / "mypyc"
        package = folder / "dateline"  # mypyc takes the names of modules from the folders
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(HERE / "worker", package, ignore=shutil.ignore_patterns("__pycache__"))
        paths = [
            str(path.relative_to(folder))
            for name in (FOLDERS if COMPILE == "1" else COMPILE.split(","))
            for path in sorted((package / name).rglob("*.py"))
            if path.name != "__init__.py" and path.relative_to(package).as_posix() not in NOT_COMPILED
        ]
        for path in paths:
            (folder / path).write_text(add_hints((folder / path).read_text(encoding="utf-8")), encoding="utf-8")
        before = Path.cwd()
        os.chdir(folder)
        try:
            self.distribution.ext_modules = mypycify(
                ["--config-file=", "--ignore-missing-imports", *paths],
                opt_level=os.environ.get("DATELINE_COMPILE_LEVEL", "2"),
                debug_level="0",
                multi_file=True,  # one file for all takes a compiler 1.5 GB
                target_dir=str(folder / "c"),
                group_name="dateline_reading",
            )
        finally:
            os.chdir(before)
        self.reinitialize_command(self)  # with the modules that are known now
        self.ensure_finalized()
        super().run()
        note = Path(self.build_lib) / "dateline" / "read" / "compiled.txt"
        note.write_text(f"mypyc {version}\n", encoding="utf-8")


setup(
    packages=["dateline", *(f"dateline.{name}" for name in find_packages("worker"))],
    **(
        {"distclass": CompiledDistribution, "cmdclass": {"build_ext": CompileReading}, "setup_requires": COMPILER}
        if COMPILE not in ("", "0")
        else {}
    ),
)
