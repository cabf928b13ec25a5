"""`treasury.metrics.own_past` as SQL over `mnav_daily`: the hand-written window beside it. It is computed on reading, so it costs a rebuild nothing."""

from __future__ import annotations

from treasury.metrics.own_past import FEWEST_CLOSES, FIVE_YEARS, MEDIAN_FEWEST, PAST_SUFFIXES, WITH_A_PAST, YEAR_BEFORE

# sums of squares tell deviations to about this part of themselves; below it all values are alike
_ALIKE = 1e-12


def past_sql() -> str:
    """The view `mnav_past`: one row for each close of a company and each metric whose value is known that day.

    Ask it for one company, day or metric: every row looks at all days before it.
    """
    each = "\n  UNION ALL ".join(
        f"SELECT ticker, date, '{name}' AS metric, {name} AS value FROM mnav_daily WHERE {name} IS NOT NULL"
        for name in WITH_A_PAST
    )
    ours = "b.ticker = a.ticker AND b.metric = a.metric AND b.date < a.date"
    five = f"{ours} AND b.date >= date(a.date, '-{FIVE_YEARS.days} days')"
    deviation = "(squares - n * mean * mean)"
    z, percentile, place, median, rank, days = PAST_SUFFIXES
    enough = f"CASE WHEN n >= {FEWEST_CLOSES}"
    return f"""
WITH each AS ({each}),
a AS (
  SELECT a.ticker, a.date, a.metric, a.value, count(b.value) AS n, avg(b.value) AS mean, sum(b.value * b.value) AS squares,
    min(b.value) AS low, max(b.value) AS high, sum(b.value <= a.value) AS below
  FROM each a LEFT JOIN each b ON {ours} AND b.date >= date(a.date, '-{YEAR_BEFORE.days} days')
  GROUP BY a.ticker, a.metric, a.date)
SELECT a.ticker, a.date, a.metric, a.value,
  {enough} AND {deviation} > {_ALIKE} * squares THEN (value - mean) / sqrt({deviation} / (n - 1)) END AS {z},
  {enough} THEN below * 100.0 / n END AS {percentile},
  {enough} AND high > low THEN (value - low) / (high - low) * 100 END AS {place},
  (SELECT CASE WHEN avg(value) > 0 THEN (a.value / avg(value) - 1) * 100 END FROM (
     SELECT b.value, row_number() OVER (ORDER BY b.value) AS at, count(*) OVER () AS m FROM each b WHERE {five})
   WHERE m >= {MEDIAN_FEWEST} AND at IN ((m + 1) / 2, (m + 2) / 2)) AS {median},
  (SELECT count(*) + 1 FROM each b WHERE {ours} AND b.value > a.value) AS {rank},
  (SELECT count(*) + 1 FROM each b WHERE {ours}) AS {days}
FROM a"""
