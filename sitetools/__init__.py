"""The machinery of the site: Markdown extensions, MkDocs hooks and the parser that runs the pages' code.

    mathml       formulas become MathML when the site is built
    spacing      the space around the signs of a formula
    directives   {{ figure }}, {{ table }}, {{ measured }}, {{ source }}, {{ explorer }}, {{ quiz }} and {{
    exercises }} figures      a figure with its evidence and its downloads; the page of all figures
    sources      the code of the course, as it stands in its file
    downloads    figures for print, data as CSV
    explorers    interactive figures, and what their pages load
    packing      records as short strings, for the explorers
    datafiles    the site's data files, and what is wrong in one
    leftovers    nothing that a page is made with reaches a reader
    citations    [@he2016deep, section 4.1] becomes a link to its entry in the references
    glossary     the first use of a term on a page shows its definition
    listing      {{ references }}, {{ glossary }}: everything there is of a kind
    backlinks    an entry lists the pages that link to it
    quiz         questions with feedback, from a data file a lecture
    exercises    starters made from the solutions, the reader's folder, the list of exercises
    tables       a wide table scrolls inside itself
    notebooks    the labs, in the same markup as the pages
    kernels      a lab runs within limits
    coursemap    the map of the course, and the line above a lecture's title
    card         what a link to a page looks like elsewhere
    status       how long everything took, and when it was last seen to run
    repairs      what the theme does wrong
    slimming     what a page carries for nothing
    stylesheet   one style sheet, without the rules that no page can match
    content      what is written in docs/ runs nothing and loads nothing from elsewhere
    policy       no page can ask another host for anything
    hooks        what MkDocs itself must be told
    serving      the built site under an address, as it will be served
    browser      a Chromium to look at it with
    lighthouse   how fast and how accessible every page is: make lighthouse
    links        which addresses outside are dead: make links
    pdf          the whole course as one document: make pdf
    pagecode     runs every Python block of a page and compares its output

Nothing here imports torch: a formula must not wait for it.
"""
