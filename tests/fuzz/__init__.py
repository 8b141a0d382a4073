"""Fuzzing: inputs nobody thought of, through every door that outside text comes in by.

A *target* is one such door with what it promises. The short form (``test_fuzz.py``) plays our seeds, every input that once
broke something (``findings/``), shaped inputs from a fixed start, and hostile repetitions. The long form (``make fuzz``,
``python -m tests.fuzz``) goes on from there, led by coverage where atheris is installed.
"""

import sys
from pathlib import Path

_TESTS = str(Path(__file__).resolve().parents[1])
if _TESTS not in sys.path:  # the doors use the tests' support
    sys.path.insert(0, _TESTS)
