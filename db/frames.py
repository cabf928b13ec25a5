"""The old door to `db.feeds.charts`, kept because documented examples came in by it."""

from db.feeds.charts import days

__all__ = ["days"]
