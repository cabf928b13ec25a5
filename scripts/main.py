"""The console command: finds the verbs among the modules beside it."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from scripts.shared.options import global_flags
from treasury import __version__

_HERE = os.path.dirname(__file__)
_NOT_VERBS = {"__init__", "main"}
_OTHER_WORDS = {
    "league": "show", "list": "show", "table": "show", "card": "show", "company": "show", "tearsheet": "sheet",
    "chart": "plot", "graph": "plot", "draw": "plot", "premium": "history", "series": "history", "timeseries": "history",
    "update": "run", "fetch": "scrape", "download": "scrape", "load": "import", "add": "import", "query": "browse",
    "sql": "browse", "debt": "capital", "stack": "capital", "backtest": "pair", "screen": "alert", "alerts": "alert",
    "top": "holders", "coverage": "sources", "definition": "definitions", "metric": "metrics",
    "dashboard": "serve", "server": "serve", "web": "serve", "live": "serve",
}  # fmt: skip


class Verbs(click.Group):
    """Every module of this package is a verb, imported when asked for; `import_` is the verb import, `import_document` import-document."""

    def list_commands(self, context: click.Context) -> list[str]:
        modules = {name.removesuffix(".py") for name in os.listdir(_HERE) if name.endswith(".py")}
        return sorted(name.rstrip("_").replace("_", "-") for name in modules - _NOT_VERBS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(context):
            return None
        stem = os.path.basename(_path(name)).removesuffix(".py")
        command: click.Command = import_module(f"scripts.{stem}").command
        return command

    def resolve_command(
        self, context: click.Context, arguments: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(context, arguments)
        except click.UsageError as error:
            import difflib

            word = arguments[0].lower()
            verbs = self.list_commands(context)
            near = [_OTHER_WORDS[word]] if word in _OTHER_WORDS else difflib.get_close_matches(word, verbs, 2)
            hint = f"; did you mean {' or '.join(f'mnav {one}' for one in near)}?" if near else ";"
            raise click.UsageError(f"no verb {arguments[0]!r}{hint} `mnav --help` lists them", context) from error

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """The verbs with the first line of their modules, read instead of imported: --help must be instant."""
        with formatter.section("Verbs"):
            formatter.write_dl([(name, self._first_line(name)) for name in self.list_commands(context)])

    def _first_line(self, name: str) -> str:
        with open(_path(name), encoding="utf-8") as module:
            meaning = module.readline().strip().strip('"').partition(": ")[2]
        return meaning[:1].upper() + meaning[1:]


def _path(verb: str) -> str:
    verb = verb.replace("-", "_")
    plain = os.path.join(_HERE, f"{verb}.py")
    return plain if os.path.exists(plain) else os.path.join(_HERE, f"{verb}_.py")


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.version_option(__version__, message="mnav %(version)s")
def _mnav() -> None:
    """What listed bitcoin holders are worth: every mNAV definition, point-in-time, each number traced to its source.

    Data goes to stdout, everything else to stderr. Exit status: 0 done, 1 failed, 2 wrong usage, 3 done but some sources failed,
    4 an alert is new, or asked with --exit-code something changed. Start with `mnav run --offline`.
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
