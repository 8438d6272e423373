"""What several tests share: the site, built once for all of them; a small one of a page or two; a browser;
a few photographs on disk.

What builds a site is imported where a test asks for one: tests/course/test_cuda.py runs without it.
"""

import fcntl
import json
import logging
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image

from course.data import Dataset

ROOT = Path(__file__).parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--site",
        type=Path,
        metavar="FOLDER",
        help="look at a site that is built already, instead of building one",
    )


@pytest.fixture(scope="session")
def site_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.getbasetemp() / "site"
    return (
        folder.parent.parent / "site" if "PYTEST_XDIST_WORKER" in os.environ else folder
    )  # one for all processes


@pytest.fixture(scope="session", autouse=True)
def early_site(request: pytest.FixtureRequest, site_folder: Path) -> None:
    """Where some test looks at the site, it is built while other tests run,
    so that none waits long for it.
    """
    looks = any("site" in getattr(item, "fixturenames", ()) for item in request.session.items)
    if looks and not request.config.getoption("--site", None):
        threading.Thread(target=build_site, args=[site_folder], daemon=True).start()


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest, site_folder: Path) -> Path:
    """The folder of the site, built as strictly as it is published."""
    if built := request.config.getoption("--site", None):
        return built.resolve()
    build_site(site_folder)
    return site_folder


def build_site(folder: Path) -> None:
    """Build it unless it is there, without a word of complaint.
    Who comes while another builds waits for that.
    """
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            return
        command = [
            sys.executable,
            "-m",
            "mkdocs",
            "build",
            "--strict",
            "--quiet",
            "--site-dir",
            str(folder.with_suffix(".partial")),
        ]
        built = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}
        )
        assert (built.returncode, built.stderr) == (0, "")
        folder.with_suffix(".partial").rename(folder)


@pytest.fixture
def small_site(tmp_path, caplog, monkeypatch):
    """Call it with {"page.md": text}: it returns the folder of the built site,
    or the complaints of a build that failed.

    `manifest` is the list of figures; where it names some, what can be taken away of them is there too, and
    the page of all figures. The bibliography is "references.bib" among the pages, else the course's own;
    the glossary is "glossary.toml", else none.
    """
    from mkdocs.commands.build import build
    from mkdocs.config import load_config
    from mkdocs.exceptions import Abort

    from sitetools.build import kernels

    def put(path: Path, text: str) -> None:
        """As an editor does: what is not changed is not written."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")

    def make(pages: dict[str, str], manifest: str = "{}") -> Path | str:
        figures = json.loads(manifest)
        if figures:
            pages = {
                "figures.md": "# Figures\n\n{{ figures }}\n",
                "records.md": "# Records\n\n{{ records }}\n",
                **pages,
            }
        for name, text in {"index.md": "# Home\n", **pages}.items():
            put(tmp_path / "docs" / name, text)
        shutil.copytree(ROOT / "docs/assets", tmp_path / "docs/assets", dirs_exist_ok=True)
        for name, entry in figures.items():
            for file in [
                f"print/{name}.pdf",
                *(f"data/{experiment}.csv" for experiment in entry["experiments"]),
            ]:
                (tmp_path / "figures" / file).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / "figures" / file).touch()
        put(tmp_path / "figures/figures.json", manifest)
        plugins: list = ["search", "offline"]
        if any(name.startswith("labs/") for name in pages):
            plugins.append(
                {"mkdocs-jupyter": {"include": ["labs/*.py"], "ignore": ["*.md"], "execute": True}}
            )
            for name in ("PYTHONPATH", "JUPYTER_CONFIG_PATH", "JUPYTER_RUNTIME_DIR"):
                monkeypatch.setenv(name, "")  # so that it is after the test what it was
            kernels.configure()
        config = load_config(
            str(ROOT / "mkdocs.yml"),
            docs_dir=str(tmp_path / "docs"),
            site_dir=str(tmp_path / "site"),
            plugins=plugins,
        )
        config.nav = None
        config.config_file_path = str(tmp_path / "mkdocs.yml")
        data = {"manifest": tmp_path / "figures/figures.json", "terms": tmp_path / "docs/glossary.toml"}
        if "references.bib" in pages:
            data["bibliography"] = tmp_path / "docs/references.bib"
        config.mdx_configs["sitetools.extension"] = {name: str(path) for name, path in data.items()}
        with caplog.at_level(logging.WARNING, logger="mkdocs"):
            try:
                build(config)
            except Abort:
                return caplog.text
        return tmp_path / "site"

    return make


@pytest.fixture(scope="session")
def browser():
    from sitetools.commands.browser import MISSING, chromium, executable

    pytest.importorskip("playwright.sync_api")
    if not executable():
        pytest.fail(MISSING) if os.environ.get("CI") else pytest.skip(MISSING)
    with chromium() as found:
        yield found


@pytest.fixture(scope="session")
def online(site):
    """The address under which the built site is served."""
    from tests.serving import serving

    with serving(site) as address:
        yield address


@pytest.fixture(scope="session")
def only_tab(browser):
    """One for all tests: a new one costs Chromium a process, more than most tests take."""
    from tests.browser.checks import LAPTOP

    context = browser.new_context(
        reduced_motion="reduce",
        viewport=LAPTOP,
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def tab(only_tab, request):
    """An empty tab, light, or dark where the test asks for that with indirect parameters."""
    from tests.browser.checks import LAPTOP

    only_tab.emulate_media(
        color_scheme=getattr(request, "param", "light"), reduced_motion="reduce", media="null"
    )
    only_tab.set_viewport_size(LAPTOP)
    yield only_tab
    only_tab.context.set_offline(False)
    only_tab.unroute_all()
    for other in only_tab.context.pages:
        if other != only_tab:
            other.close()
    if only_tab.url != "about:blank":
        only_tab.evaluate("localStorage.clear(), sessionStorage.clear()")
        only_tab.goto("about:blank")
    only_tab.mouse.move(0, 0)


@pytest.fixture
def two_batches() -> Dataset:
    """As many images as two batches of 128, of CIFAR-10's shape."""
    torch.manual_seed(0)
    x, y = torch.randint(0, 256, (256, 3, 32, 32), dtype=torch.uint8), torch.randint(0, 10, (256,))
    return Dataset("cifar10", x, y, x, y, torch.full((3, 32, 32), 0.5), 0.25, "none")


@pytest.fixture
def add_picture() -> Callable[[Path, int], None]:
    """Writes noise of an odd size around a colour, so that no two pictures are alike."""

    def add(path: Path, number: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        generator = torch.Generator().manual_seed(number)
        size = torch.randint(40, 90, (2,), generator=generator).tolist()
        noise, colour = (
            torch.randint(0, high, shape, dtype=torch.uint8, generator=generator)
            for high, shape in ((100, (*size, 3)), (150, (3,)))
        )
        Image.fromarray((noise + colour).numpy()).save(path)

    return add


@pytest.fixture
def photographs(tmp_path: Path, add_picture: Callable[[Path, int], None]) -> Path:
    """A folder laid out as ImageNet is: 13 pictures of two classes to train on, 7 to test on."""
    counts = {"train/cat": 7, "train/dog": 6, "val/cat": 4, "val/dog": 3}
    for number, (name, count) in enumerate(counts.items()):
        for each in range(count):
            add_picture(tmp_path / "photographs" / name / f"{each}.jpeg", 100 * number + each)
    return tmp_path / "photographs"
