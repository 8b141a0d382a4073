"""Lists the sub-packages of ``worker/``, which is installed as ``dateline``; everything else stands in pyproject.toml."""

from setuptools import find_packages, setup

setup(packages=["dateline", *(f"dateline.{name}" for name in find_packages("worker"))])
