"""mnav metrics: what each metric is."""

from __future__ import annotations

import click

from scripts.shared.options import Settings, verb


@verb()
@click.option("--markdown", is_flag=True, default=False, help="The table of metrics as the README has it.")
def command(settings: Settings, markdown: bool) -> None:
    """List every metric: unit, formula, meaning. What is not stored is a column of mnav_daily.

    \b
    Examples: mnav metrics --json
              mnav metrics --markdown
    """
    from scripts.shared.output import emit
    from treasury.metrics.mnav_daily import metric_rows, readme_table
    from treasury.metrics.row_wise import INPUTS

    if markdown:
        click.echo(readme_table())
        return
    rows = [
        {"metric": one.name, "unit": one.unit, "formula": one.formula, "meaning": one.meaning}
        for one in (*INPUTS.values(), *metric_rows())
    ]
    emit(rows, ["metric", "unit", "formula", "meaning"], settings.output, below=("formula", "meaning"))
    settings.say(f"{len(rows)} metrics and the inputs they are made of")


if __name__ == "__main__":
    command()
