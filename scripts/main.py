"""The console command: finds the verbs among the modules beside it."""

from __future__ import annotations

import os
import re
import sys
from importlib import import_module
from typing import Any

import click

from scripts.shared.options import FAILED, REMARK, STOPPED, global_flags, width_of
from scripts.shared.tables import folded
from scripts.shared.terminal import guarded, plain
from treasury import __version__

_HERE = os.path.dirname(__file__)
_ENDLESS = re.compile(r"(\S{200})\S{100,}")  # what somebody typed or a file holds, said again
_NOT_VERBS = {"__init__", "main"}
_OTHER_WORDS = {
    "league": "show", "list": "show", "health": "doctor", "diagnose": "doctor", "table": "show", "card": "show", "company": "show", "tearsheet": "sheet",
    "chart": "plot", "graph": "plot", "draw": "plot", "premium": "history", "series": "history", "timeseries": "history",
    "update": "run", "fetch": "scrape", "download": "scrape", "load": "import", "query": "browse",
    "sql": "browse", "debt": "capital", "stack": "capital", "backtest": "pair", "screen": "alert", "alerts": "alert",
    "top": "holders", "coverage": "sources", "watchlist": "watch", "lists": "watch", "definition": "definitions", "metric": "metrics",
    "dashboard": "serve", "server": "serve", "web": "serve", "live": "serve",
}  # fmt: skip


class Verbs(click.Group):
    """Every module of this package is a verb, imported when asked for; `import_` is the verb import, `import_document` import-document."""

    def main(self, *arguments: Any, **named: Any) -> Any:
        with guarded():
            return super().main(*arguments, **named)

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

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except click.ClickException as error:
            width = width_of(sys.stderr)
            message = _ENDLESS.sub(lambda word: f"{word[1]}…", error.message)
            error.message = folded(message, width and width - len("Error: "), REMARK)  # type: ignore[misc]  # typed as final, and there is no other way to what is printed
            raise

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
    if (
        sys.flags.optimize > 1
    ):  # without docstrings there is neither help nor the meaning of a metric: begin again with them
        again = [sys.executable, "-P", "-m", "scripts.main", *sys.argv[1:]]
        os.execve(sys.executable, again, {**os.environ, "PYTHONOPTIMIZE": "1"})
    if os.environ.get("NO_COLOR"):
        _mnav.context_settings["color"] = False  # click does not look at it (pallets/click#1498)
    from scripts.shared.streams import broken, flushed, speak_plainly

    speak_plainly()
    try:
        with flushed():
            mnav(prog_name="mnav")
    except KeyboardInterrupt:
        sys.exit(STOPPED)
    except OSError as error:  # of the group itself; a verb tells its own
        sys.stderr.write(f"Error: {plain(broken(error))}\n")
        sys.exit(FAILED)


if __name__ == "__main__":
    main()
