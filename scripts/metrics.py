"""mnav metrics: what each metric is."""

from __future__ import annotations

from scripts.shared.options import Settings, verb


@verb()
def command(settings: Settings) -> None:
    """List every metric: unit, formula, meaning.

    \b
    Example: mnav metrics --json
    """
    from scripts.shared.output import emit
    from treasury.metrics.definition_range import ACROSS
    from treasury.metrics.metric import METRICS, formula
    from treasury.metrics.over_time import OVER_TIME
    from treasury.metrics.row_wise import INPUTS

    rows = [
        {"metric": one.name, "unit": one.unit, "formula": "stored", "meaning": one.meaning} for one in INPUTS.values()
    ]
    rows += [
        {"metric": one.name, "unit": one.unit, "formula": formula(one), "meaning": one.meaning}
        for one in METRICS.values()
    ]
    rows += [
        {"metric": name, "unit": one.unit, "formula": "over time", "meaning": one.meaning}
        for name, one in OVER_TIME.items()
    ]
    rows += [
        {"metric": name, "unit": unit, "formula": "over definitions", "meaning": meaning}
        for name, (unit, meaning) in ACROSS.items()
    ]
    if settings.output == "table":
        for row in rows:
            row["meaning"] = row["meaning"] if len(row["meaning"]) <= 70 else row["meaning"][:69] + "…"
    emit(rows, ["metric", "unit", "formula", "meaning"], settings.output)


if __name__ == "__main__":
    command()
