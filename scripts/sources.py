"""mnav sources: the sources there are, and how each fared last."""

from __future__ import annotations

from typing import Any

from scripts.options import Settings, verb

COLUMNS = ("source", "kind", "about", "last_run", "outcome", "documents", "new_facts", "new_prices", "kept_out", "newest", "message")  # fmt: skip
HEADERS = {"last_run": "last run", "new_facts": "facts", "new_prices": "prices", "kept_out": "kept out", "newest": "newest document"}  # fmt: skip


@verb()
def command(settings: Settings) -> None:
    """List every source: what it is, when it was last asked, what came of it, how old its newest document is.

    \b
    Example: mnav sources
    """
    from scrapers import catalogue
    from scripts.output import emit

    runs, newest = _history(settings)
    rows = []
    for name in catalogue.names():
        source = catalogue.load(name)
        started, counts = runs.get(name, (None, {}))
        rows.append(
            {
                "source": name,
                "kind": catalogue.source_kind(source),
                "about": catalogue.about(source),
                "last_run": started,
                "outcome": counts.get("outcome"),
                "documents": counts.get("documents"),
                "new_facts": counts.get("fact", 0) if counts else None,
                "new_prices": counts.get("price", 0) if counts else None,
                "kept_out": counts.get("kept out", 0) if counts else None,
                "newest": newest.get(name),
                "message": counts.get("message") or None,
            }
        )
    shown = [one for one in COLUMNS if settings.output != "table" or one not in ("about", "message")]
    emit(rows, shown, settings.output, HEADERS)
    for row in rows:
        if row["message"]:
            settings.say(f"{row['source']}: {row['message']}")


def _history(settings: Settings) -> tuple[dict[str, tuple[str, dict[str, Any]]], dict[str, str]]:
    """Each source's last run with its counts, and its newest document; nothing where there is no database yet."""
    from db import known, open_database

    if not settings.db.exists():
        settings.say(f"no database at {settings.db} yet: no source was asked")
        return {}, {}
    db = open_database(settings.db)
    return known.last_runs(db), known.newest_documents(db)


if __name__ == "__main__":
    command()
