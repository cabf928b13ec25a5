"""mnav browse: look at the database in a web browser with Datasette; this machine only, read-only."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from scripts.shared.options import Settings, verb

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

HOST = "127.0.0.1"  # loopback only, on purpose not an option
LOCAL_NAMES = (HOST, "localhost")
LARGEST_ANSWER = 5_000_000  # bytes of one statement's rows; a page of mnav_daily with all its columns has a tenth
CELL = 16  # bytes of a number
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
    from db.reads.outside import hold_at_most
    from treasury.model import MnavError

    db = open_database(settings.db)
    about = metadata(db)
    try:
        server = _server(this_machine_only(datasette(settings.db, about).app()), port, settings)
    except ImportError:
        raise MnavError("browsing needs Datasette: pip install 'mnav[browse]'") from None
    hold_at_most(db.conn)
    try:
        with suppress(KeyboardInterrupt):  # Ctrl-C is how it is meant to end
            server.run()
    except SystemExit:  # uvicorn's way to say that it could not start
        raise MnavError(f"port {port} of {HOST} cannot be used; give another --port, or 0 for a free one") from None


def datasette(path: Path, about: dict[str, Any]) -> Any:
    """The one file as a Datasette application that has no way to write to it. Raises ImportError without the extra."""
    import sqlite3
    from importlib.resources import files

    from datasette.app import Datasette
    from datasette.database import Database

    from db.feeds.questions import QUESTIONS
    from db.reads.outside import bind

    class ReadOnly(Database):  # type: ignore[misc]
        """Never opens the connection that Datasette's plugins would write with.

        And it names the key of `REFERENCES source`, which SQLite leaves open: Datasette 0.65 fails on such tables otherwise.
        """

        def connect(self, write: bool = False) -> Any:
            if write:
                raise PermissionError("mnav browse serves the database read-only")
            connection = super().connect()
            bind(connection)
            return connection

        async def execute_fn(self, fn: Any) -> Any:
            """A statement's answer as long as it is not a book of its own: Datasette would hold it several times over."""

            def measured(connection: sqlite3.Connection) -> Any:
                connection.row_factory = _Rows(LARGEST_ANSWER)
                try:
                    return fn(connection)
                except MemoryError:
                    raise sqlite3.OperationalError(
                        "this takes more memory than mnav browse gives to a question"
                    ) from None
                finally:
                    connection.row_factory = sqlite3.Row

            return await super().execute_fn(measured)

        async def attached_databases(self) -> list[Any]:
            return []

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
    served.remove_database("_memory")  # nothing of ours, and open to any statement
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


class _Rows:
    """Makes rows as Datasette wants them, as long as all of one answer are not larger than it can show."""

    def __init__(self, most: int) -> None:
        self._left = most

    def __call__(self, cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> sqlite3.Row:
        import sqlite3

        self._left -= sum(len(cell) if isinstance(cell, str | bytes) else CELL for cell in row)
        if self._left < 0:
            raise sqlite3.OperationalError(
                f"the answer is larger than {LARGEST_ANSWER / 1e6:.0f} MB; ask for fewer rows or columns"
            )
        return sqlite3.Row(cursor, row)


def this_machine_only(application: Any) -> Any:
    """The application for browsers that ask for this machine by its name: a page from elsewhere that had its own name point here is refused.

    So is one that has the browser ask a question for it, whose work would be this machine's, and so are Datasette's pages about
    itself, which tell where files lie.
    """

    async def checked(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            host = headers.get(b"host", b"").decode("latin-1").lower()
            name, _, asked = host.partition(":")
            if name not in LOCAL_NAMES or not (asked or "0").isdecimal():
                return await _refused(send, 403, f"mnav browse answers only to {', '.join(LOCAL_NAMES)}")
            if headers.get(b"sec-fetch-site") == b"cross-site":  # as browsers say of themselves
                return await _refused(
                    send, 403, "mnav browse answers no page from elsewhere; open its address by itself"
                )
            if scope["path"].startswith("/-/") and not scope["path"].startswith(("/-/static/", "/-/static-plugins/")):
                return await _refused(send, 404, "no such page")
        await application(scope, receive, send)

    return checked


async def _refused(send: Any, status: int, why: str) -> None:
    await send(
        {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain; charset=utf-8")]}
    )
    await send({"type": "http.response.body", "body": f"{why}\n".encode()})


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
