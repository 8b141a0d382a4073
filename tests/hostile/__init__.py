"""The real daemon among hostile servers: ``python -m tests.hostile`` plays every case of ``../shared/hostile``."""
