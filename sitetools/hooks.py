"""What MkDocs itself must be told: files from outside docs/, the labs' markup,
and what is done to the finished site.
"""

from functools import wraps
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from course import CourseError
from sitetools.build import card, kernels, leftovers, notebooks, policy, repairs, slimming, stylesheet
from sitetools.build import content as contents
from sitetools.build import published as downloads
from sitetools.parts import exercises, explorers, figures, status
from sitetools.parts import lecture_map as coursemap
from sitetools.syntax import backlinks, unbroken

lectures: list[Page] = []  # in the order of the navigation


def in_one_line(hook):
    """A damaged record stops the build as a fault of a page does: with its one line, and no traceback."""

    @wraps(hook)
    def told(*given, **named):
        try:
            return hook(*given, **named)
        except CourseError as error:
            raise PluginError(str(error)) from None

    return told


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    kernels.configure(Path(config.config_file_path).parent)
    return config


@in_one_line
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Publish the figures in all their forms, the code and the records they are drawn from, a notebook for
    each lab, and the exercises to work on.
    """
    for file in files:
        if file.src_uri.endswith((".html", ".htm", ".xhtml")):
            raise PluginError(f"{file.src_uri} would be published as it is: a page is written in Markdown")
        if file.src_uri.endswith((".svg", ".xml")) and file.abs_src_path:
            contents.check(Path(file.abs_src_path).read_text(encoding="utf-8"), file.src_uri)
    root = Path(config.config_file_path).parent
    if root == downloads.ROOT:  # the tests' small sites bring theirs along
        downloads.draw_prints()
        for name, table in downloads.tables().items():
            files.append(File.generated(config, f"figures/data/{name}.csv", content=table))
    for path in sorted(
        path
        for kind in ("*.svg", "runs/*.json", "print/*.pdf", "data/*.csv")
        for path in root.glob(f"figures/{kind}")
    ):
        source = path.relative_to(root).as_posix()
        files.append(File(source, str(root), config.site_dir, config.use_directory_urls))
    for module in figures.modules(root / "figures/figures.json"):
        files.append(
            File.generated(
                config,
                figures.published(module),
                content=(downloads.ROOT / module).read_text(encoding="utf-8"),
            )
        )
    files.append(File.generated(config, card.NAME, content=card.draw()))
    for lab in [file for file in files if notebooks.is_lab(file)]:
        name = Path(lab.src_uri).with_suffix(".ipynb").as_posix()
        files.append(File.generated(config, name, content=notebooks.as_ipynb(Path(lab.abs_src_path))))
    solutions = [file for file in files if file.src_uri.startswith("exercises/solutions/")]
    for solution in solutions:
        starter = exercises.starter_of(Path(solution.abs_src_path))
        files.append(File.generated(config, f"exercises/{solution.name}.py", content=starter))
    if solutions:
        files.append(File.generated(config, "exercises/exercises.zip", content=exercises.archive()))
    return files


def on_nav(nav: Navigation, config: MkDocsConfig, files: Files) -> None:
    lectures[:] = [page for page in nav.pages if coursemap.is_lecture(page.file)]


@in_one_line
def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    return status.draw(coursemap.draw(markdown, page, lectures))


@in_one_line
def on_page_content(content: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    if notebooks.is_lab(page.file):
        content = notebooks.as_page(content, page, config, files)
    elif page in lectures:
        content = coursemap.place(content, page, lectures)
    contents.check(content, page.file.src_uri)
    leftovers.check(content, page.file.src_uri)
    return explorers.supply(content, page, config, files)


def on_env(env, config: MkDocsConfig, files: Files) -> None:
    backlinks.fill(files.documentation_pages())


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    return card.describe(output, page, config)


def on_post_build(config: MkDocsConfig) -> None:
    site = Path(config.site_dir)
    repairs.repair(site)
    slimming.slim(site)
    unbroken.join(site)
    stylesheet.unite(site)
    policy.forbid(site)
