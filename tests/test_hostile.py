"""Files, documents, rules, databases and browsers that mean harm: each costs a sentence, and neither memory nor what stood there before."""

from __future__ import annotations

import gzip
import os
import shutil
import socket
import sqlite3
import struct
import zlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Thread

import click
import pytest
from click.testing import CliRunner, Result

from scrapers.announcements.layout import LONGEST_NOTICE, LONGEST_PARAGRAPH
from scrapers.announcements.sentences import MOST_FIGURES
from scrapers.formats import pdf_text
from scrapers.formats.html_tables import MOST_ATTRIBUTES
from scrapers.sources import issuer_notice
from scripts import serve
from scripts.main import mnav
from scripts.shared.options import verb
from treasury.intake.lone_prices import lone_prices
from treasury.intake.plausible import History
from treasury.intake.price_steps import doubts
from treasury.intake.rates import why_not
from treasury.messages.alerts import read_alerts
from treasury.model import Document, InputError, ParseError

CLOSES = "ticker,date,close,source\n"
SQLITE = b"SQLite format 3\0"
LEAST = 5e-324  # dollars: divided by anything above 2 it is nought
Run = Callable[..., Result]


@pytest.fixture
def database(reference_db: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(reference_db, tmp_path / "mnav.db"))


@pytest.fixture
def run(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MNAV_DB", str(database))
    return lambda *words: CliRunner().invoke(mnav, list(words), prog_name="mnav")


def told(done: Result, status: int = 1) -> str:
    assert done.exit_code == status, done.output
    assert isinstance(done.exception, SystemExit)
    assert "Traceback" not in done.output
    return done.stderr.strip().splitlines()[-1]


def packed(*pieces: tuple[bytes, int]) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([packer.compress(piece) for piece, times in pieces for _ in range(times)] + [packer.flush()])


# -- files to import -----------------------------------------------------------------------------------------------

HEAD = CLOSES.encode()
FILES: dict[str, tuple[str, Callable[[], bytes], str]] = {  # name, contents, what is said
    "a packed file that is none": ("f.csv.gz", lambda: HEAD, "not a whole gzip file"),
    "a packed file that was cut off": ("f.csv.gz", lambda: gzip.compress(HEAD)[:-9], "not a whole gzip file"),
    "a packed file with more behind it": ("f.csv.gz", lambda: gzip.compress(HEAD) + b"x", "not a whole gzip file"),
    "a packed file that is damaged": ("f.csv.gz", lambda: b"\x1f\x8b\x08" + b"\0" * 7 + b"\xff" * 99, "not a whole gzip file"),
    "a line without end": ("f.csv.gz", lambda: packed((b"a" * 1_000_000, 30)), "f.csv.gz:1: a line of more than 1,000,000 characters"),
    "a row without end": ("f.csv.gz", lambda: packed((HEAD, 1), (b'"a\n",' * 1000, 300)), "f.csv.gz:2: a row of more than 1,000 lines"),
    "a hundred thousand columns": ("f.csv", lambda: b"c," * 100_000, "f.csv:1: 100,001 columns, more than 100"),
    "a name of a column as long as a book": ("f.csv", lambda: b"ticker," + b"x" * 90_000, f"{'x' * 60}… (90,000 characters)'"),
    "a cell as long as a book": ("f.csv", lambda: HEAD + b"MSTR,2026-08-28," + b"x" * 3_900 + b",nasdaq", "… (3,900 characters)' is not a number"),
    "a workbook": ("f.csv", lambda: b"PK\x03\x04\x14\x00\x06\x00\xff\xfe", "f.csv: a workbook, not a CSV file; open it in its spreadsheet"),
    "a workbook whose bytes are letters": ("f.csv", lambda: b"PK\x03\x04\x14\x00\x06\x00", "f.csv: a workbook, not a CSV file"),
    "a close that is nearly nought": ("f.csv", lambda: HEAD + b"MSTR,2026-08-28,5e-324,nasdaq", "'5e-324' is less than anything costs (1e-09)"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FILES)
def test_a_file_is_refused_with_its_place(run: Run, tmp_path: Path, fault: str) -> None:
    name, contents, says = FILES[fault]
    (tmp_path / name).write_bytes(contents())
    assert says in told(run("import", "--check", name))


def test_blank_rows_without_end(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treasury.intake.csv_files.MOST_BLANK_ROWS", 1_000)
    (tmp_path / "f.csv").write_text(CLOSES + "\n" * 1_000)
    assert run("import", "--check", "f.csv").exit_code == 0
    (tmp_path / "f.csv").write_text(CLOSES + "\n" * 1_001)
    assert "f.csv:1002: more than 1,000 blank rows" in told(run("import", "--check", "f.csv"))


def test_a_file_larger_than_any(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treasury.intake.csv_files.LONGEST_FILE", 500)
    (tmp_path / "f.csv").write_text(CLOSES + "".join(f"MSTR,2026-08-{day},100,nasdaq\n" for day in range(10, 30)) * 3)
    assert "more than 500 characters; split the file" in told(run("import", "--check", "f.csv"))


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="a system without devices")
@pytest.mark.parametrize(
    "words",
    [
        ["parse", "kraken", "/dev/zero"],
        ["import-document", "/dev/zero", "--company", "SWC.L", "--published-at", "2026-04-24T06:00:00Z"],
        ["alert", "/dev/zero"],
        ["import", "/dev/zero"],
    ],
)
def test_a_file_that_never_ends(run: Run, words: list[str]) -> None:
    assert "more than 60 MB" in (said := told(run(*words))) or "a NUL character" in said


def test_a_price_that_is_nearly_nought_is_judged() -> None:
    before, day = date(2026, 8, 27), date(2026, 8, 28)
    assert doubts([(day, LEAST)], [(day, 100.0)], [])
    assert doubts([(day, LEAST)], [(before, 100.0)], [])
    assert why_not("GBP", day, LEAST, (before, 1.3))
    known = History()
    known.learn_bitcoin(before, 60_000)
    assert known.why_not_bitcoin(day, LEAST)
    moments = [datetime(2026, 8, at, tzinfo=UTC) for at in (26, 27, 28)]
    assert lone_prices(zip(moments, (60_000, LEAST, 60_000), strict=True)).keys() == {moments[1]}


# -- documents -----------------------------------------------------------------------------------------------------


def notice(body: bytes) -> Document:
    at = datetime(2026, 4, 24, 6, tzinfo=UTC)
    return Document("issuer_notice", "issuer:SWC.L/notice", body, at, at)


def page(content: bytes) -> bytes:
    """A PDF of one page that shows this stream, packed."""
    stream = zlib.compress(content, 9)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
        b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + b"xref\n0 6\n0000000000 65535 f \n%strailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (rows, len(body))  # fmt: skip


def test_a_pdf_is_read_in_a_process_of_its_own_and_one_that_wants_all_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pdf_text.pages(page(b"BT /F 12 Tf 50 700 Td (It holds 2,000 bitcoin.) Tj ET")) == ["It holds 2,000 bitcoin."]
    (tmp_path / "json.py").write_text("raise SystemExit('a file of the folder one stands in ran')")
    monkeypatch.chdir(tmp_path)
    assert pdf_text.pages(page(b"BT /F 12 Tf 50 700 Td (It holds 2 bitcoin.) Tj ET")) == ["It holds 2 bitcoin."]
    monkeypatch.setattr(pdf_text, "MOST_SECONDS", 0.001)
    with pytest.raises(ParseError, match="more time or memory"):
        pdf_text.pages(page(b"BT /F 12 Tf (x) Tj ET"))


def test_a_fault_that_is_not_the_pdfs_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pypdfium2.py").write_text("raise ImportError('no library')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(ParseError, match="failed: ImportError: no library"):
        pdf_text.pages(page(b"BT /F 12 Tf (x) Tj ET"))


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="a system without limits")
def test_a_page_that_unpacks_to_gigabytes() -> None:
    with pytest.raises(ParseError, match="more time or memory"):
        pdf_text.pages(page(b" " * 600_000_000))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"<html><p>" + b"bitcoin " * (LONGEST_PARAGRAPH // 8 + 1), "a paragraph of"),
        (b"<html>" + (b"<p>" + b"bitcoin " * 5_000) * (LONGEST_NOTICE // 40_000 + 1), "a text above"),
        (
            b"<html><p " + b" ".join(b"a%d" % n for n in range(2 * MOST_ATTRIBUTES + 9)) + b">",
            "more attributes than any",
        ),
        *(
            (
                b"<html>%b<p %b>" % (before, b" ".join(b"a%d%b" % (n, value) for n in range(2 * MOST_ATTRIBUTES + 9))),
                "more attributes than any",
            )
            for before in (b"", b'<!-- <p x=" -->', b"<script>a<b='</script>")
            for value in (b'="1"', b'=">"', b"= '>'", b" <", b'="<"', b' "')
        ),
    ],
)
def test_a_notice_that_would_take_hours_to_understand(body: bytes, says: str) -> None:
    with pytest.raises(ParseError, match=says):
        list(issuer_notice.parse(notice(body)))


def test_a_sentence_of_too_many_numbers_is_not_understood() -> None:
    sentence = b"The Company holds " + b"2,000 bitcoin and " * (MOST_FIGURES + 1) + b"more as of 20 April 2026."
    assert list(issuer_notice.parse(notice(sentence))) == []
    assert issuer_notice.answer(notice(sentence)) == "layout unknown"


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_a_moment_beyond_the_calendar(run: Run, tmp_path: Path, moment: str) -> None:
    (tmp_path / "f.txt").write_text("x")
    words = ["import-document", "f.txt", "--company", "SWC.L", "--published-at", moment]
    assert "lies beyond any calendar" in told(run(*words), 2)
    assert "lies beyond any calendar" in told(run("parse", "kraken", "f.txt", "--fetched-at", moment), 2)


@pytest.mark.parametrize("url", ["https://a.b/" + "x" * 2_000, "https://a.b/\x1b[31m", "https://a.b/\u202e"])
def test_an_address_that_is_none(run: Run, tmp_path: Path, url: str) -> None:
    (tmp_path / "f.txt").write_text("x")
    words = ["import-document", "f.txt", "--company", "SWC.L", "--published-at", "2026-04-24T06:00:00Z", "--url", url]
    assert "--url" in told(run(*words), 2)


# -- rules of alerts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [
        'when = "1"\ndays = ' + "9" * 5_000,
        'when = "1"\ntickers = ' + "[" * 5_000 + "]" * 5_000,
        'when = "btc is lowest in ' + "9" * 5_000 + ' days"',
    ],
)
def test_a_rule_of_numbers_and_lists_without_end(rule: str) -> None:
    with pytest.raises(InputError, match=r"too deep|at most 36,525"):
        read_alerts(f'[[alert]]\nname = "a"\n{rule}\n', "rules.toml")


@pytest.mark.parametrize(
    "memory", ["[" * 100_000, '{"a": {"condition": ["mnav_latest: 1"], "rows": 5}}', '{"a": {"rows": null}}', '"x"']
)
def test_a_memory_that_mnav_did_not_write(run: Run, tmp_path: Path, memory: str) -> None:
    (tmp_path / "mnav-alerts.toml").write_text('[[alert]]\nname = "a"\nwhen = "1"\n')
    (tmp_path / "mnav-alerts.json").write_text(memory)
    assert "is not what mnav alert wrote" in told(run("alert"))
    assert (tmp_path / "mnav-alerts.json").read_text() == memory


# -- databases -----------------------------------------------------------------------------------------------------

SPOILT = {  # what another program did to a database, and what is said of it
    "UPDATE company SET name = CAST(x'ff41' AS TEXT)": "holds text that is none",
    "DELETE FROM _sqlite_migrations WHERE rowid > 3": "go back to a copy",
    "DROP TABLE fact": "go back to a copy",
    "UPDATE exchange SET close_time = '99:99'": "a damaged database",
}


@pytest.mark.parametrize("statement", SPOILT)
def test_a_database_that_another_program_wrote_to(run: Run, database: Path, statement: str) -> None:
    connection = sqlite3.connect(database)
    connection.execute(statement)
    connection.commit()
    connection.close()
    assert SPOILT[statement] in told(run("value", "--full"))


def test_a_database_left_in_the_middle_of_a_change(run: Run, database: Path) -> None:
    Path(f"{database}-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"\1" * 5_000)
    assert "left in the middle of a change" in told(run("show"))
    assert run("value").exit_code == 0
    assert run("show").exit_code == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without pipes")
def test_a_database_that_is_a_pipe(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.db")
    assert "a device or a pipe, not a database" in told(run("show", "--db", "pipe.db"))


@pytest.mark.parametrize(
    "words", [["export", "holdings", "--format", "csv"], ["export", "mnav_latest", "--format", "xlsx"]]
)
def test_nothing_is_written_over_a_database(run: Run, database: Path, words: list[str]) -> None:
    assert "is a database; name another file" in told(run(*words, "-o", str(database)))
    assert database.read_bytes().startswith(SQLITE)
    assert run("show").exit_code == 0


def test_a_link_to_itself_and_a_long_name_are_written_to(run: Run, tmp_path: Path) -> None:
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    for name in ("loop.csv", f"{'報' * 83}.csv"):
        assert run("export", "holdings", "-o", name).exit_code == 0
        assert (tmp_path / name).read_text().startswith("ticker,")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a system without a full disk")
def test_a_workbook_on_a_full_disk(run: Run) -> None:
    assert "No space left" in told(run("export", "mnav_latest", "--format", "xlsx", "-o", "/dev/full"))


# -- words of a person ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["show", "A" * 100_000], 2, "unknown ticker"),
        (["watch", "", "MSTR"], 2, "a watch list needs a name"),
        (["export", "--partitioned", "."], 1, "is where you are"),
        (["add", "X", "--price", "1e400", "--shares", "1m", "--btc", "1"], 2, "larger than any amount"),
        (["add", "X", "--price", "9" * 5_000, "--shares", "1m", "--btc", "1"], 2, "larger than any amount"),
        (
            ["stress", "MSTR", "--btc", "1e308"],
            2,
            "'1e308' is not a number above nought and up to 1,000,000,000,000,000",
        ),
        (["issuance", "MSTR", "--weekly", "1e300"], 2, "larger than any amount"),
        (["wall", "MSTR", "--issue-pct", "1e300"], 2, "not in the range"),
        (["wall", "MSTR", "--issue-pct", "nan"], 2, "nan is not a number"),
        (["accretion", "MSTR", "--issue", "1e300"], 2, "not in the range"),
    ],
)
def test_what_nobody_means(run: Run, words: list[str], status: int, says: str) -> None:
    said = told(run(*words), status)
    assert says in said
    assert len(said) < 1_000


def test_what_nobody_foresaw_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    @verb()
    def fails(_: object) -> None:
        raise ZeroDivisionError("at\nnought")

    @verb()
    def wants(_: object) -> None:
        raise MemoryError

    assert isinstance(fails, click.Command)
    assert "stumbled (ZeroDivisionError: at nought)" in told(CliRunner().invoke(fails))
    assert "not memory enough" in told(CliRunner().invoke(wants))
    monkeypatch.setenv("MNAV_TRACEBACK", "1")
    assert isinstance(CliRunner().invoke(fails).exception, ZeroDivisionError)


# -- browsers ------------------------------------------------------------------------------------------------------


def test_a_browser_that_breaks_off_is_not_told_and_another_fault_is_a_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            raise {"/gone": ConnectionResetError, "/fault": ZeroDivisionError}[self.path]

    with serve._Server((serve.HOST, 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        for path in ("/gone", "/fault"):
            with socket.create_connection((serve.HOST, server.server_port)) as browser:
                browser.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
                browser.recv(100)
        with socket.create_connection((serve.HOST, server.server_port)) as browser:
            browser.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        server.shutdown()
    assert capsys.readouterr().err.strip() == "an answer failed: ZeroDivisionError:"
