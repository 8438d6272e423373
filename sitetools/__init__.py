"""What makes pages of Markdown a site. Nothing here imports torch: a formula must not wait for it.

syntax/     what a page may write beyond plain Markdown: directives, citations, terms, formulas
parts/      what a directive puts on the page: figures, listings, quizzes, exercises, explorers
build/      what MkDocs publishes beside the pages, and what it refuses to publish
notebooks/  every lecture and lab as a notebook
theme/      our changes of the theme, in its own templates
commands/   what is started from the command line: the PDF, the reader's exercises
hooks       where MkDocs calls these
datafiles   the site's data files, and what is wrong in one
"""
