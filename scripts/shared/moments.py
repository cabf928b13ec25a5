"""Moments as people write them on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datetime import datetime


def moment(text: str | None, option: str) -> datetime | None:
    """An aware moment in UTC, or a usage error that shows how to write one."""
    from datetime import UTC, datetime

    if text is None:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a moment; write 2026-01-05T13:00:27Z", param_hint=option) from None
    if read.tzinfo is None:
        raise click.BadParameter(f"{text!r} has no offset; write 2026-01-05T13:00:27Z", param_hint=option)
    try:
        return read.astimezone(UTC)
    except OverflowError:
        raise click.BadParameter(f"{text!r} lies beyond any calendar", param_hint=option) from None
