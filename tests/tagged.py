"""Small periodic reports in inline XBRL, written by the tests that read them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from treasury.model import Document

NAMESPACES = {
    "": "http://www.w3.org/1999/xhtml",
    "ix": "http://www.xbrl.org/2013/inlineXBRL",
    "ixt": "http://www.xbrl.org/inlineXBRL/transformation/2022-02-16",
    "ixt-sec": "http://www.sec.gov/inlineXBRL/transformation/2015-08-31",
    "xbrli": "http://www.xbrl.org/2003/instance",
    "xbrldi": "http://xbrl.org/2006/xbrldi",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
UNITS = {
    "usd": "iso4217:USD",
    "eur": "iso4217:EUR",
    "shares": "xbrli:shares",
    "pure": "xbrli:pure",
    "coins": "abc:Bitcoin",
}
DOT = "ixt:num-dot-decimal"


def number(
    name: str,
    text: str,
    unit: str = "usd",
    day: str = "2025-06-30",
    axes: dict[str, str] | None = None,
    format: str = DOT,
    start: str = "",
    **attributes: Any,
) -> dict[str, Any]:
    """A tagged number; `start` makes its context a period, any other attribute is written as given."""
    return {
        "name": name, "text": text, "unit": unit, "day": day, "start": start, "axes": axes or {},
        "attributes": ({"format": format} if format else {}) | attributes,
    }  # fmt: skip


def row(label: str, text: str | None, name: str = "abc:Line", brackets: bool = False, **more: Any) -> dict[str, Any]:
    """A line of a printed table: its label, and the number tagged in it; None for a heading or a line without one, — for one not tagged."""
    return number(name, text or "", **more) | {"label": label, "empty": text is None, "brackets": brackets}


def report(
    *numbers: dict[str, Any], cik: str = "0000999999", form: str = "10-Q", end: str = "2025-06-30", body: str = ""
) -> bytes:
    """A whole document: its cover, its contexts and units, and the numbers, one a line."""
    contexts: dict[tuple[object, ...], str] = {}
    lines = []
    for one in numbers:
        key = (one["day"], one["start"], *sorted(one["axes"].items()))
        context = contexts.setdefault(key, f"c{len(contexts) + 1}")
        told = "".join(f" {name}={quoteattr(str(value))}" for name, value in one["attributes"].items())
        tagged = (
            f'<ix:nonFraction name="{one["name"]}" contextRef="{context}" unitRef="{one["unit"]}"{told}>'
            f"{escape(one['text'])}</ix:nonFraction>"
        )
        if "label" not in one:
            lines.append(f"<p>{tagged}</p>")
            continue
        tagged = "—" if one["text"] == "—" else tagged
        cell = (
            ""
            if one["empty"]
            else f"<td>$</td><td>{'(' if one['brackets'] else ''}{tagged}</td><td>{')' if one['brackets'] else ''}</td>"
        )
        lines.append(f"<tr><td>{escape(one['label'])}</td>{cell}</tr>")
    spaces = " ".join(f"xmlns{':' + prefix if prefix else ''}={quoteattr(uri)}" for prefix, uri in NAMESPACES.items())
    told = "".join(
        f'<ix:nonNumeric name="dei:{name}" contextRef="c0">{text}</ix:nonNumeric>'
        for name, text in (("EntityCentralIndexKey", cik), ("DocumentType", form), ("DocumentPeriodEndDate", end))
        if text
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<html {spaces}>\n<head><title>{form}</title></head>\n<body>\n'
        f'<div style="display:none"><ix:header><ix:hidden>{told}</ix:hidden>\n<ix:resources>\n'
        + _context("c0", (end or "2025-06-30", "2025-01-01"), cik)
        + "".join(_context(context, key, cik) for key, context in contexts.items())
        + "".join(
            f'<xbrli:unit id="{name}"><xbrli:measure>{measure}</xbrli:measure></xbrli:unit>\n'
            for name, measure in UNITS.items()
        )
        + "</ix:resources></ix:header></div>\n"
        + _in_tables(lines)
        + f"\n{body}</body>\n</html>\n"
    ).encode()


def _in_tables(lines: list[str]) -> str:
    """Rows that follow each other as one table, all else as it stands."""
    told, inside = [], False
    for line in [*lines, ""]:
        if line.startswith("<tr>") is not inside:
            told.append("</table>" if inside else "<table>")
            inside = not inside
        told.append(line)
    return "\n".join(told)


def document(body: bytes, source: str = "sec_filing") -> Document:
    return Document(
        source, "https://www.sec.gov/Archives/edgar/data/999999/a.htm", body, datetime(2026, 1, 1, tzinfo=UTC)
    )


def _context(name: str, key: tuple[Any, ...], cik: str) -> str:
    day, start, *axes = key
    members = "".join(
        f'<xbrldi:explicitMember dimension="{axis}">{member}</xbrldi:explicitMember>' for axis, member in axes
    )
    segment = f"<xbrli:segment>{members}</xbrli:segment>" if members else ""
    period = (
        f"<xbrli:startDate>{start}</xbrli:startDate><xbrli:endDate>{day}</xbrli:endDate>"
        if start
        else f"<xbrli:instant>{day}</xbrli:instant>"
    )
    return (
        f'<xbrli:context id="{name}"><xbrli:entity><xbrli:identifier scheme="http://www.sec.gov/CIK">{cik}'
        f"</xbrli:identifier>{segment}</xbrli:entity><xbrli:period>{period}</xbrli:period></xbrli:context>\n"
    )
