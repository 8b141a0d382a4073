"""Fuzzing: inputs nobody thought of, through every door that outside text comes in by. ``python -m tests.fuzz`` is the long form.

A *target* is one such door with what it promises. The short form (``test_fuzz.py``) plays our seeds, every input that once broke
something (``findings/``), shaped inputs with fixed seeds and hostile repetitions; the long form adds coverage guidance (atheris).
"""
