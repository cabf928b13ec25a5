"""The console command: finds the verbs among the modules beside it."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

import click

from scripts.options import global_flags
from treasury import __version__

_NOT_VERBS = {"__init__", "main", "options", "output", "benchmark"}


class Verbs(click.Group):
    """Every module of this package is a verb, imported when asked for; `import_` is the verb import."""

    def list_commands(self, context: click.Context) -> list[str]:
        names = {path.stem for path in Path(__file__).parent.glob("*.py")} - _NOT_VERBS
        return sorted(name.rstrip("_") for name in names)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(context):
            return None
        stem = name if (Path(__file__).parent / f"{name}.py").exists() else f"{name}_"
        command: click.Command = import_module(f"scripts.{stem}").command
        return command


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.version_option(__version__, message="mnav %(version)s")
def _mnav() -> None:
    """What listed bitcoin holders are worth: every mNAV definition, point-in-time, each number traced to its source.

    Data goes to stdout, everything else to stderr. Exit status: 0 done, 1 failed, 2 wrong usage, 3 done but some sources failed.
    Start with `mnav run --offline`.
    """


mnav = global_flags(_mnav)


def main() -> None:
    """The console command `mnav`."""
    if os.environ.get("NO_COLOR"):
        _mnav.context_settings["color"] = False  # click does not look at it (pallets/click#1498)
    try:
        mnav(prog_name="mnav")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
