"""mnav browse: look at the database in a web browser with Datasette; this machine only, read-only."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from scripts.shared.options import Settings, verb

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOST = "127.0.0.1"  # loopback only, on purpose not an option
ENOUGH_TIME = {
    "sql_time_limit_ms": 10_000,
    "facet_time_limit_ms": 1_000,
    "suggest_facets": False,
    "default_page_size": 50,
}


@verb()
@click.option(
    "-p", "--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="0 takes a free one."
)
def command(settings: Settings, port: int) -> None:
    """Serve the database to a web browser on this machine until Ctrl-C: tables with units and sources, facets, questions.

    \b
    Example: mnav browse
    """
    from db import open_database
    from db.feeds.browse import metadata
    from treasury.model import MnavError

    about = metadata(open_database(settings.db))
    try:
        server = _server(datasette(settings.db, about).app(), port, settings)
    except ImportError:
        raise MnavError("browsing needs Datasette: pip install 'mnav[browse]'") from None
    try:
        with suppress(KeyboardInterrupt):  # Ctrl-C is how it is meant to end
            server.run()
    except SystemExit:  # uvicorn's way to say that it could not start
        raise MnavError(f"port {port} of {HOST} cannot be used; give another --port, or 0 for a free one") from None


def datasette(path: Path, about: dict[str, Any]) -> Any:
    """The one file as a Datasette application that has no way to write to it. Raises ImportError without the extra."""
    from importlib.resources import files

    from datasette.app import Datasette
    from datasette.database import Database

    from db.feeds.questions import QUESTIONS

    class ReadOnly(Database):  # type: ignore[misc]
        """Never opens the connection that Datasette's plugins would write with.

        And it names the key of `REFERENCES source`, which SQLite leaves open: Datasette 0.65 fails on such tables otherwise.
        """

        def connect(self, write: bool = False) -> Any:
            if write:
                raise PermissionError("mnav browse serves the database read-only")
            return super().connect()

        async def execute(self, sql: str, params: Any = None, *more: Any, **named: Any) -> Any:
            """A question about a company takes every name of it; what names nobody is said instead of answered with nothing."""
            if sql.strip() in asked and params and str(params.get("ticker") or "").strip():
                params = {**params, "ticker": await self.execute_fn(_meant(str(params["ticker"])))}
            answer = super().execute
            return await answer(sql, params, *more, **named)

        async def foreign_keys_for_table(self, table: str) -> Any:
            keys = await super().foreign_keys_for_table(table)
            return [{**key, "other_column": key["other_column"] or await self._key(key["other_table"])} for key in keys]

        async def get_all_foreign_keys(self) -> Any:
            keys = await super().get_all_foreign_keys()
            for table, sides in keys.items():
                for key in sides["incoming"]:
                    key["column"] = key["column"] or await self._key(table)
                for key in sides["outgoing"]:
                    key["other_column"] = key["other_column"] or await self._key(key["other_table"])
            return keys

        async def _key(self, table: str) -> str:
            return str((await self.primary_keys(table))[0])

    asked = {question.sql.strip() for question in QUESTIONS if ":ticker" in question.sql}
    styled = {**about, "extra_css_urls": ["/styles/browse.css"]}
    styles = str(files("treasury").joinpath("static"))
    served = Datasette(metadata=styled, settings=ENOUGH_TIME, static_mounts=[("styles", styles)])
    served.add_database(ReadOnly(served, path=str(path.absolute()), is_mutable=True), name="mnav")
    return served


def _meant(typed: str) -> Callable[[Any], str]:
    """The ticker meant, over one of Datasette's connections; its error is one of SQL, which Datasette shows."""

    def over(connection: Any) -> str:
        import sqlite3

        import sqlite_utils

        from db.reads.meant import meant
        from treasury.errors import InputError

        factory, connection.row_factory = connection.row_factory, None
        try:
            return meant(sqlite_utils.Database(connection), typed)
        except InputError as error:
            raise sqlite3.OperationalError(str(error)) from None
        finally:
            connection.row_factory = factory

    return over


def _server(application: Any, port: int, settings: Settings) -> Any:
    """A web server that says its address once it listens."""
    import uvicorn

    class Announcing(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            if self.started:
                click.echo(f"http://{HOST}:{self.servers[0].sockets[0].getsockname()[1]}/mnav")
                settings.say("Ctrl-C ends it")

    return Announcing(uvicorn.Config(application, host=HOST, port=port, log_level="warning", lifespan="on"))


if __name__ == "__main__":
    command()
