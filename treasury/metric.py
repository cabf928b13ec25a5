"""The old door to `treasury.metrics.metric`, kept because documented examples came in by it."""

from treasury.metrics.metric import METRICS, Metric, evaluate, metric

__all__ = ["METRICS", "Metric", "evaluate", "metric"]
