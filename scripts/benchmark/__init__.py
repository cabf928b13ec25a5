"""The benchmark of valuing, storing and reading: `python -m scripts.benchmark`."""
