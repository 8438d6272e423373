"""A site of a few pages, built with the project's own settings."""
import logging
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort

ROOT = Path(__file__).parent.parent


@pytest.fixture
def small_site(tmp_path, caplog):
    """Call it with {"page.md": text}: it returns the folder of the built site, or the complaints of a build that failed.

    The bibliography is "references.bib" among the pages, else the course's own.
    """

    def make(pages: dict[str, str], manifest: str = "{}") -> Path | str:
        for name, text in {"index.md": "# Home\n", **pages}.items():
            path = tmp_path / "docs" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (tmp_path / "figures").mkdir(exist_ok=True)
        (tmp_path / "figures/figures.json").write_text(manifest, encoding="utf-8")
        config = load_config(
            str(ROOT / "mkdocs.yml"),
            docs_dir=str(tmp_path / "docs"),
            site_dir=str(tmp_path / "site"),
            plugins=["search", "offline"],
        )
        config.nav = None
        config.config_file_path = str(tmp_path / "mkdocs.yml")
        config.mdx_configs["sitetools.directives"] = {"manifest": str(tmp_path / "figures/figures.json")}
        if "references.bib" in pages:
            config.mdx_configs["sitetools.citations"] = {"bibliography": str(tmp_path / "docs/references.bib")}
        with caplog.at_level(logging.WARNING, logger="mkdocs"):
            try:
                build(config)
            except Abort:
                return caplog.text
        return tmp_path / "site"

    return make
