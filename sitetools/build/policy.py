"""A policy in every page that forbids the browser to ask any other host for anything, whatever a page holds.

It is the first thing in the head, since it does not bind what stands before it. Scripts are files of the
site; the few that the theme and the build write around the content of a page are named by their digests. The
content itself is not asked: a script in it would stay without permission,
had sitetools.build.scrutiny not stopped the build.

The page of the playground may start a worker from a blob as well, which only its own scripts can make: a
browser starts no other for a page from a folder, and the worker is bound by the policy of its page.
"""

import base64
import hashlib
import re

from mkdocs.exceptions import PluginError

# `file:` beside 'self': a page in a folder has no origin that every browser would take for itself.
OWN = "'self' file:"
BLOBS = {"worker-src": "blob:"}  # what the playground may do beyond the others
INLINE = re.compile(r"<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.S)
HEAD = '<meta charset="utf-8">'
CONTENT = re.compile(r"<article.*</article>", re.S)


def forbid(page: str, name: str, allowed: dict[str, str] | None = None) -> str:
    """The page with the policy in it. allowed: what this page may do beyond the others."""
    if page.count(HEAD) != 1:
        raise PluginError(f"{name} was not written by the theme, and would be published without a policy")
    return page.replace(HEAD, f"{HEAD}\n{meta(page, allowed or {})}", 1)


def meta(page: str, allowed: dict[str, str]) -> str:
    rules = {
        "default-src": "'none'",
        "script-src": " ".join([OWN, *digests(page)]),
        "style-src-elem": OWN,
        "style-src-attr": "'unsafe-inline'",  # Temml and Markdown's tables set lengths and sides on elements
        "img-src": f"{OWN} data:",
        "font-src": OWN,
        "connect-src": OWN,
        "worker-src": OWN,
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    for name, more in allowed.items():
        rules[name] = f"{rules.get(name, '')} {more}".strip()
    content = "; ".join(f"{name} {value}" for name, value in rules.items())
    return f'<meta http-equiv="Content-Security-Policy" content="{content}">'


def digests(page: str) -> list[str]:
    """The scripts that stand in the page around its content; data in a script element is never run."""
    codes = [
        found["code"]
        for found in INLINE.finditer(CONTENT.sub("", page))
        if "src=" not in found["attributes"] and "json" not in found["attributes"]
    ]
    return [digest(code) for code in dict.fromkeys(codes)]


def digest(text: str) -> str:
    """What names a script or a style to the browser."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


# What reveal.js 6.0.2 needs on a deck: its speaker view is a window with a script, a style and two frames
# of the deck; for print it writes two styles. Another version has other digests: a test opens that window.
PRESENTED = {
    "script-src": "'sha256-GzCveToXhSIzS3M5eQeRm3McVRB7cYneYKwTkzA3wDk='",
    "style-src-elem": " ".join(
        [
            "'sha256-FO8+tEZY4XAJsThREbo8dTCiyACqv1VGgxX0NfVfEAs='",
            digest("@page{size:1280px 720px; margin: 0px;}"),
            digest(
                ".reveal section>img, .reveal section>video, .reveal section>iframe"
                "{max-width: 1280px; max-height:720px}"
            ),
        ]
    ),
    "frame-src": OWN,
}
