"""Where MkDocs calls the machinery of the site."""

from jinja2 import Environment, FileSystemBytecodeCache
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from course import CourseError, paths
from sitetools.build import kept, kernels, labs, policy, published, scrutiny, stylesheet
from sitetools.notebooks import cells
from sitetools.parts import lecture_map, run, slides
from sitetools.syntax import backlinks


def on_startup(command: str, dirty: bool) -> None:
    kernels.configure()


def on_config(config: MkDocsConfig) -> None:
    config.edit_uri = "edit/main/docs/" if config.repo_url else None  # MkDocs would say master


def on_files(files: Files, config: MkDocsConfig) -> Files:
    try:
        published.publish(files, config)
        labs.run(files)
        cells.publish(files, config)
    except CourseError as error:  # a damaged record stops the build as a fault of a page does, with one line
        raise PluginError(str(error)) from None
    stylesheet.unite(files, config)
    return files


def on_nav(nav: Navigation, config: MkDocsConfig, files: Files) -> None:
    lecture_map.lectures[:] = [page for page in nav.pages if page.file.src_uri.startswith("lectures/")]
    kept.look(files, config)


def on_pre_page(page: Page, config: MkDocsConfig, files: Files) -> None:
    if labs.is_lab(page.file):
        labs.render_as_page(page)
    kept.keep(page)


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    page.meta["place"] = lecture_map.place(page)
    if slides.is_deck(page.file):
        page.meta["template"] = "slides.html"
    return run.signpost(markdown, page, config)


def on_page_content(content: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    if labs.is_lab(page.file):
        labs.publish(page, config, files)
    if slides.is_deck(page.file):
        content = slides.as_deck(content, page)
    scrutiny.check_page(content, page.file.src_uri)
    return content


def on_env(env: Environment, config: MkDocsConfig, files: Files) -> None:
    templates = paths.CACHE / "templates"  # compiled: MkDocs makes an environment anew for each build
    templates.mkdir(parents=True, exist_ok=True)
    env.bytecode_cache = FileSystemBytecodeCache(str(templates))
    cells.write(files, config)


@event_priority(100)  # before the search reads the page
def on_page_context(context: dict, page: Page, config: MkDocsConfig, nav: Navigation) -> None:
    backlinks.fill(page, nav.pages)


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    allowed = policy.BLOBS if page.meta.get("playground") else None
    if slides.is_deck(page.file):
        allowed = policy.PRESENTED
    return policy.forbid(output, page.file.src_uri, allowed)


def on_post_template(output: str, template_name: str, config: MkDocsConfig) -> str:
    return policy.forbid(output, template_name) if template_name.endswith(".html") else output
