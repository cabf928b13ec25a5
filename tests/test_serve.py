"""mnav serve: the page of the database as the last run left it, for browsers on this machine, and no way to write."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from http.server import ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner

from db import open_database
from db.tables import store
from scripts.main import mnav
from scripts.serve import HOST, Live, handler
from scripts.shared.options import Settings

pytestmark = pytest.mark.skipif(not find_spec("jinja2"), reason="the extra html is not installed")
Ask = Callable[..., tuple[int, dict[str, str], str]]


@pytest.fixture(scope="module")
def database(reference_db: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copy(reference_db, tmp_path_factory.mktemp("serve") / "mnav.db"))


@pytest.fixture(scope="module")
def port(database: Path) -> Iterator[int]:
    live = Live(Settings(db=database, today=date(2026, 9, 2)), ("3350.T",), False)
    with ThreadingHTTPServer((HOST, 0), handler(live)) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()


@pytest.fixture
def ask(port: int) -> Ask:
    """Status, headers and text of an answer; `host` None sends none."""

    def answer(path: str, method: str = "GET", host: str | None = f"{HOST}:PORT") -> tuple[int, dict[str, str], str]:
        connection = http.client.HTTPConnection(HOST, port, timeout=60)
        connection.putrequest(method, path, skip_host=True)
        if host is not None:
            connection.putheader("Host", host.replace("PORT", str(port)))
        connection.endheaders()
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response.status, dict(response.getheaders()), text

    return answer


@pytest.mark.slow
def test_the_page_is_the_report_and_may_ask_this_server_alone(ask: Ask) -> None:
    status, headers, page = ask("/")
    assert status == 200
    assert "<h1>What listed bitcoin holders trade for</h1>" in page
    assert "default-src 'none'; " in page
    assert "connect-src 'self';" in page
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Frame-Options"] == "DENY"
    assert "Access-Control-Allow-Origin" not in headers
    assert f'data-version="{ask("/version")[2]}"' in page
    assert ask("/", "HEAD")[2] == ""
    assert ask("/", host="localhost:PORT")[0] == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:PORT", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.example:PORT", "", None]
)
def test_a_page_from_elsewhere_that_points_its_name_here_is_refused(ask: Ask, host: str | None) -> None:
    status, _, text = ask("/version", host=host)
    assert (status, text) == (403, "mnav serve answers this machine only\n")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_it_takes_nothing(ask: Ask, method: str) -> None:
    assert ask("/", method)[0] == 501


@pytest.mark.parametrize("path", ["/mnav.db", "/../mnav.db", "/%2e%2e/mnav.db", "/report.html"])
def test_no_file_is_served(ask: Ask, path: str) -> None:
    assert ask(path)[0] == 404


@pytest.mark.slow
def test_a_run_that_ends_makes_a_new_page_and_one_that_is_under_way_does_not(ask: Ask, database: Path) -> None:
    before, page = ask("/version")[2], ask("/")[2]
    assert "Metaplanet" in page
    db = open_database(database, writable=True)
    db.execute("UPDATE company SET name = 'Planet of Meta' WHERE ticker = '3350.T'")
    run = store.begin_run(db, "run", "2026-09-02T10:00:00Z", {})
    db.conn.commit()
    assert ask("/version")[2] == before
    assert ask("/")[2] == page
    store.end_run(db, run, "2026-09-02T10:01:00Z", "done", {})
    db.conn.commit()
    db.close()
    assert ask("/version")[2] != before
    assert "Planet of Meta" in ask("/")[2]


def test_a_database_that_is_gone_is_said_and_the_server_goes_on(tmp_path: Path, reference_db: Path) -> None:
    path = Path(shutil.copy(reference_db, tmp_path / "mnav.db"))
    with ThreadingHTTPServer((HOST, 0), handler(Live(Settings(db=path), (), False))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        path.unlink()
        for _ in range(2):
            connection = http.client.HTTPConnection(HOST, server.server_port, timeout=60)
            connection.request("GET", "/version")
            response = connection.getresponse()
            assert response.status == 503
            assert "no database at" in response.read().decode()
            connection.close()
        server.shutdown()


@pytest.mark.slow
def test_the_verb_says_its_address_and_ends_on_an_interrupt(database: Path) -> None:
    command = [sys.executable, "-m", "scripts.main", "--db", str(database), "serve", "3350.T", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=database.parent
    ) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        assert server.stdout.readline().startswith("http://127.0.0.1:")
        assert server.stderr.readline() == "Ctrl-C ends it\n"
        server.send_signal(signal.SIGINT)
        assert server.stderr.read() == ""
        assert server.wait(60) == 0


@pytest.mark.slow
def test_a_port_that_is_taken_is_said(database: Path) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        arguments = ["--db", str(database), "serve", "3350.T", "--port", str(taken.getsockname()[1])]
        result = CliRunner().invoke(mnav, arguments, prog_name="mnav")
    assert result.exit_code == 1
    assert "cannot be used; give another --port" in result.stderr
