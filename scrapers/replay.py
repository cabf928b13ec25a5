"""A recorded run in place of the network: the same requests, answered from a folder, without a socket."""

from __future__ import annotations

from scrapers.archive import Archive
from scrapers.request import Fetched, Request
from treasury.model import FetchError


class Replay:
    """Answers from `recorded` with the moments it was recorded at; what it hands out is kept in `archive` as well."""

    def __init__(self, recorded: Archive, archive: Archive | None = None) -> None:
        self._recorded = recorded
        self._archive = archive

    def get(self, request: Request) -> Fetched:
        """The newest recorded document of this source and URL, or FetchError."""
        entry = self._recorded.newest(request.source, request.url)
        if entry is None:
            raise FetchError(
                f"{request.source}: not recorded: {request.stored_url} is not in {self._recorded.folder}; "
                f"record it with: mnav scrape --record {self._recorded.folder}"
            )
        document = self._recorded.document(entry)
        if self._archive is not None:
            self._archive.keep(document, etag=entry.etag, last_modified=entry.last_modified)
        return Fetched(document, "recorded")
