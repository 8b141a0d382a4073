"""Speed, as ratios in one run: ``python -m bench [name ...]`` or ``make bench``."""
