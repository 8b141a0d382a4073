"""Faults on real daemons: the stage, the rows of the matrix, and their table. ``python -m tests.chaos`` runs them."""
