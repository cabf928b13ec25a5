"""For mkdocs: the site has every page at its place in the repository, so that links read the same here, there and in an editor."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "DATA.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/*.md", "docs/*.ipynb", "docs/images/*")
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


def on_files(files: Files, config: Any) -> Files:
    """The pages, what theme and search brought, and the files of the checkout that pages link to."""
    paths = {path for pattern in PAGES for path in ROOT.glob(pattern)}
    for page in [path for path in paths if path.suffix == ".md"]:
        paths |= {(page.parent / target).resolve() for target in LINK.findall(page.read_text(encoding="utf-8"))}
    named = sorted(path.relative_to(ROOT).as_posix() for path in paths if path.is_file())
    ours = [File(name, str(ROOT), config.site_dir, config.use_directory_urls) for name in named]
    brought = [file for file in files if Path(file.src_dir or "") != Path(config.docs_dir)]
    return Files([*ours, *brought])
