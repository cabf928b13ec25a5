"""Lines of text, of a text file, a PDF or between the tags of a page, as paragraphs and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from scrapers.announcements.sheet import Cell, PrintedTable
from scrapers.formats.text import plain

_BULLET = re.compile(r"\s*(?:[•●▪◦■►➢·§✓✔–\uf000-\uf0ff-]|[*+o](?=\s)|\(?[ivx]{1,4}\)|\(?\d{1,2}[.)](?=\s))\s*")
_LABELLED = re.compile(
    r"\s*[^:：.;!?]{3,120}(?:(?<!\d)[:：]|[:：](?!\d))\s*(?:approximately |approx\.? |about |over |~ ?|≈ ?|c\. ?)?(?:[A-Z]{0,3}[$€£¥￥₿] ?|[A-Z]{3} \$? ?)?[-−△▲(]?\d"
)
_JAPANESE = re.compile(r"[぀-ヿ一-鿿]")
_RULE = re.compile(r"[\s|:=_*–—-]*")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\((?:[^()\s]|\([^()]*\))*(?:\s+\"[^\"]*\")?\)")
_STRESS = re.compile(r"\*\*|__|`")
_SPACED = re.compile("(?<![\\d.,])(\\d{1,3})((?:[\u00a0\u2007\u2009\u202f]\\d{3})+)(?![\\d])")
_ENDS = re.compile(r"[.!?:;。]['\"”’)]*\s*$")

# A value as it ends a row of figures without rules between its columns
_PRICED = r"(?: per (?:[Bb]itcoin|BTC)| ?[/／] ?(?:[Bb]itcoin|BTC|ビットコイン))?"
VALUE = (
    r"[-−△▲]?\(?[-−△▲]?(?:US|HK|C|A|S)?[$€£¥￥₿]? ?[-−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\d,])\)?"
    rf"(?: ?(?:%|BTC|bitcoins?|Bitcoins?|EH/s|PH/s|TH/s|MW|GW|x|[kmbMB]n?|(?:[mb]illion )?[Yy]en{_PRICED}|million|billion|円{_PRICED}|[千万億兆] ?\d[\d,]* ?[千百万]*円|[千百万億兆]+円|ビットコイン|ETH|SOL)(?![A-Za-z]))?\)?"
)
_BRACKETED = re.compile(r"\([^()]*(?:\)|$)")
_DASH = r"[—–-]"
_TRAILING = re.compile(rf"^(?P<label>.*?[^\W\d_][^|]*?)\s+(?P<values>(?:(?:{VALUE}|{_DASH})\s+)*(?:{VALUE}))$")
_ONE = re.compile(rf"{VALUE}|{_DASH}")
_PERIOD_WORD = re.compile(
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?(?: \d{1,2},)?[ -]?'?\d{2,4}\b|\bQ[1-4]\s?(?:FY)?\d{2,4}"
)
_SPACED_COINS = re.compile(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?:[.,]\d+)? (?:BTC|[Bb]itcoins?)\W*$")  # "1 051 BTC"
_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ]")
_NARROW = {
    ord(wide): ord(wide) - 0xFEE0
    for wide in map(chr, (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)))
}
_WIDE_MARK = re.compile(r"(?<=\d)[，．](?=\d)")
_APOSTROPHE = re.compile(r"(?<=\d)['’](?=\d{3}(?!\d))")
_GROUPS = re.compile(r"\d{1,3}(?: \d{3})+")
_NUMBERED = re.compile(r"\(?\d{1,2}[.)] ?[A-Z][^:]*(?:BTC|[Bb]itcoins?|[Yy]en)\W*$")
_LONGEST_LABEL = 90


def separated(text: str) -> str:
    """Hard blanks and apostrophes between groups of three digits separate thousands: they become commas; other blanks stay.

    Digits and Latin letters of the width of Japanese ones become plain.
    """
    if _WIDE.search(text):
        text = _WIDE_MARK.sub(lambda found: "," if found[0] == "，" else ".", text.translate(_NARROW))
    text = _APOSTROPHE.sub(",", text)
    return _SPACED.sub(lambda found: found[1] + re.sub("[\u00a0\u2007\u2009\u202f]", ",", found[2]), text)


def from_lines(lines: Sequence[str], broken: bool = True) -> tuple[str, list[str | PrintedTable]]:
    """The title of a front matter, and paragraphs ("# " before a heading) and tables in order.

    `broken`: the lines were broken to fit a page, so that a sentence runs over several.
    """
    title, rest = _front_matter(lines) if broken else ("", list(lines))
    return title, list(_pieces(_unwrapped(rest, broken), broken))


def _front_matter(lines: Sequence[str]) -> tuple[str, list[str]]:
    """A block of keys between two rules at the top (static site pages): its title; summaries repeat and are cut off."""
    kept = [separated(line.rstrip()) for line in lines]
    if not kept or kept[0].strip() != "---" or "---" not in (line.strip() for line in kept[1:60]):
        return "", kept
    end = next(place for place, line in enumerate(kept[1:], 1) if line.strip() == "---")
    titles = [line.partition(":")[2].strip().strip("\"'") for line in kept[:end] if line.startswith("title:")]
    return "".join(titles[:1]), kept[end + 1 :]


def _unwrapped(lines: Sequence[str], broken: bool) -> Iterator[str]:
    """Paragraphs on one line each; rows and labelled lines stay lines; an empty string ends a group."""
    gathered: list[str] = []
    widest = sorted(len(line) for line in lines)[-max(1, len(lines) // 10) :][0] if lines else 0

    def paragraph() -> Iterator[str]:
        if gathered:
            yield " ".join(gathered)
            gathered.clear()

    for raw in lines:
        line = _STRESS.sub("", _LINK.sub(r"\1", raw)).strip()
        if not line or _RULE.fullmatch(line):
            yield from paragraph()
            yield ""
            continue
        if line.startswith("#"):
            yield from paragraph()
            yield "# " + line.lstrip("# ")
            continue
        bullet = _BULLET.match(line)
        if bullet and bullet.end() == len(line):  # a bullet alone, as some PDFs print them
            yield from paragraph()
            continue
        row = broken and (_is_ruled(line) or _row_of(line) is not None)
        own = row or _LABELLED.match(line) or _JAPANESE.search(line[:12])
        if own or bullet:
            yield from paragraph()
            text = line[bullet.end() :] if bullet and not row and not line[:1].isdigit() else line
            if row or _LABELLED.match(line) or (own and not bullet):
                yield text
            else:
                gathered.append(text)
            continue
        if gathered and _starts_anew(gathered[-1], line, widest, broken):
            yield from paragraph()
        gathered.append(line)
    yield from paragraph()


def _starts_anew(before: str, line: str, widest: int, broken: bool) -> bool:
    """Whether a line begins a paragraph though no blank line says so: the one before is short, or ended in a stop."""
    if not broken:
        return True
    return (len(before) < 0.72 * widest and not line[:1].islower() and not before.endswith((",", "-"))) or (
        len(before) < 0.85 * widest and bool(_ENDS.search(before))
    )


def _pieces(lines: Iterator[str], broken: bool) -> Iterator[str | PrintedTable]:
    """Runs of rows as tables, everything else as text; a row without a label takes the line above it."""
    rows: list[list[Cell]] = []
    pending: list[str] = []  # text lines that may yet be a label or a head
    for line in lines:
        if not line:
            continue
        row = None if not broken else _ruled(line) if _is_ruled(line) else _row_of(line)
        if row is None:
            if rows and not pending and len(line) <= _LONGEST_LABEL and not _ENDS.search(line):
                pending.append(line)
                continue
            if rows:
                yield PrintedTable.of(rows, flowing=True)
                rows = []
            yield from pending
            pending = [line]
            continue
        if pending:
            last = pending.pop()
            if _is_ruled(line) and line.lstrip().startswith("|"):
                row = [Cell(plain(last), 0, 1), *row]
                last = ""
            if not rows:
                yield from pending
                head = _head(last) if last else None
                if head:
                    rows.append(head)
                elif last:
                    yield last
            elif last:
                rows.append([Cell(plain(last), 0, 1)])
            pending = []
        if row:
            rows.append(row)
    if rows:
        yield PrintedTable.of(rows, flowing=True)
    yield from pending


def _is_ruled(line: str) -> bool:
    """Whether bars part the cells of this line; a bar within brackets parts the listings of a share."""
    return "|" in _BRACKETED.sub("", line)


def _ruled(line: str) -> list[Cell]:
    cells = [plain(cell) for cell in line.strip().strip("|").split("|")]
    return [Cell(text, place, place + 1) for place, text in enumerate(cells) if text]


def _row_of(line: str) -> list[Cell] | None:
    """A label with the values that end the line: two or more, or one behind a Japanese label."""
    if len(line) > 240:
        return None
    if head := _head(line):
        return head
    ends_in_figures = any(letter.isdigit() for letter in line[-40:]) and not _SPACED_COINS.search(line)
    found = _TRAILING.match(line) if ends_in_figures else None
    if (
        not found
        or len(found["label"]) > _LONGEST_LABEL
        or found["label"].endswith((",", " of", " to", " and", " the", " in"))
    ):
        return None
    values = [value[0] for value in _ONE.finditer(found["values"])]
    if found["label"].endswith((":", "：")) and _GROUPS.fullmatch(found["values"]):
        return None  # "Holdings: 2 525": one number
    if found["label"].endswith((":", "：")) and len(values) == 2 and values[1].startswith("("):
        return None  # "Amount: £8,291,900 ($11,196,900)": one amount told twice
    if len(values) < 2 and not (_JAPANESE.search(found["label"]) or _NUMBERED.match(line)):
        return None
    return [Cell(plain(found["label"]), 0, 1), *(Cell(plain(text), at, at + 1) for at, text in enumerate(values, 1))]


def _head(line: str) -> list[Cell] | None:
    """A line that names two or more periods and nothing else of length: the head of a table."""
    periods = list(_PERIOD_WORD.finditer(line))
    if len(periods) < 2 or len(line) > 200 or line.endswith(".") or re.search(r"\d{3}", _PERIOD_WORD.sub("", line)):
        return None
    between = _PERIOD_WORD.sub("", line[periods[0].start() :])
    if len(re.sub(r"\W|(?:As of|Month|Change|Variance|over|[MYQ]o?/?[MYQ])", "", between)) > 40:
        return None
    label = plain(line[: periods[0].start()])
    return [Cell(label or "-", 0, 1), *(Cell(period[0], place, place + 1) for place, period in enumerate(periods, 1))]
