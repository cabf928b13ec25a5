"""Metrics: arithmetic over inputs, written once; those over time; and how each is explained."""
