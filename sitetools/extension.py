"""The Markdown of this site as one extension of Python-Markdown: mkdocs.yml names it, and tests may tell it
to read other data files.
"""

from pathlib import Path

from markdown import Markdown
from markdown.extensions import Extension

from course.paths import MANIFEST
from sitetools.syntax import citations, directives, fences, formulas, glossary, tables, unbroken


class Pages(Extension):
    def __init__(self, **options: str):
        self.config = {
            "manifest": [
                str(MANIFEST),
                "the list of figures that scripts/render.py writes",
            ],
            "bibliography": [str(citations.BIBLIOGRAPHY), "the BibTeX file"],
            "terms": [str(glossary.TERMS), "the TOML file of the terms"],
        }
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        # Where the directives and the processors find them, as those of other extensions find md.toc.
        md.datafiles = {name: Path(path) for name, path in self.getConfigs().items()}
        md.preprocessors.register(fences.Apart(md), "fences-apart", priority=24)  # after superfences (25)
        # Below indented code (80) and the fences, above the paragraph: code stays as it is written.
        md.parser.blockprocessors.register(directives.OnTheirLine(md.parser), "directives", priority=75)
        inline = md.inlinePatterns  # all below the code span (190)
        inline.register(
            directives.InTheText(directives.DIRECTIVE.pattern, md), "directives-in-the-text", priority=185
        )
        # Above the links, which would take the brackets.
        inline.register(citations.InParentheses(citations.PARENTHESES, md), "citations", priority=177)
        inline.register(
            citations.InTheSentence(citations.SENTENCE, md), "citations-in-the-sentence", priority=176
        )
        # After the inline patterns (20), before MkDocs makes links relative and checks them (0).
        md.treeprocessors.register(glossary.LinkTerms(md), "terms", priority=4)
        md.treeprocessors.register(unbroken.Unbroken(md), "unbroken", priority=3)
        md.treeprocessors.register(tables.Scrolling(md), "scrolling-tables", priority=1)
        md.postprocessors.register(
            formulas.SetFormulas(md), "formulas", priority=-10
        )  # raw HTML is back by then


makeExtension = Pages  # by this name Python-Markdown finds it
