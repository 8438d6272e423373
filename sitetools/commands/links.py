"""Ask every address outside the site whether it is still there, and print what is dead.

    make links                               build, then ask
    python -m sitetools.commands.links [FOLDER]       ask for a site that is built

Exits with 1 if an address is dead: no such host, no answer, "not found" or "gone". A host that refuses a
program (403, 429) or is out of order (5xx) is named, and not called dead.
Links within the site are the business of the tests.
"""

import argparse
import re
import sys
import time
import urllib.error
import urllib.request
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

from bs4 import BeautifulSoup
from tqdm import tqdm

AGENT = "Mozilla/5.0 (compatible; going-deeper link check)"
DEAD = (404, 410)
SECONDS, TRIES, AT_ONCE = 20, 3, 8


@dataclass(frozen=True)
class Answer:
    address: str
    status: int | None  # None: nobody answered
    words: str

    @property
    def dead(self) -> bool:
        return self.status is None or self.status in DEAD

    @property
    def well(self) -> bool:
        return self.status is not None and self.status < 400


def outside(site: Path) -> dict[str, list[str]]:
    """The addresses that pages link to on other hosts, each with the pages that do."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(site.rglob("*.html")):
        for link in BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").select("a[href]"):
            address, page = urldefrag(link["href"]).url, path.relative_to(site).as_posix()
            if urlsplit(address).scheme in ("http", "https") and page not in found[address]:
                found[address].append(page)
    return found


def ask(address: str, pause: float = 2) -> Answer:
    """Ask up to three times, a little later each time, for the head of the page,
    or for the page where a head is refused.
    """
    answer = Answer(address, None, "not asked")
    for attempt in range(TRIES):
        time.sleep(attempt * pause)
        answer = once(address, "GET" if attempt else "HEAD")
        if answer.well or answer.status == 410:
            break
    return answer


def once(address: str, method: str) -> Answer:
    request = urllib.request.Request(address, method=method, headers={"User-Agent": AGENT, "Accept": "*/*"})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as response:
            return Answer(address, response.status, response.reason)
    except urllib.error.HTTPError as error:
        return Answer(address, error.code, str(error.reason))
    except (OSError, ValueError) as error:  # no such host, no connection, a certificate that is not valid
        return Answer(address, None, re.sub(r"<urlopen error (.*)>", r"\1", str(error)))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "site",
        type=Path,
        nargs="?",
        default=Path("site"),
        help="the folder of the built site (default: site)",
    )
    args = parser.parse_args()
    if not (args.site / "index.html").is_file():
        sys.exit(f"error: there is no site in {args.site}: run make site first")
    pages = outside(args.site)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(
            tqdm(pool.map(ask, pages), total=len(pages), unit="address", disable=None, leave=False)
        )
    for title, chosen in (
        ("dead", [a for a in answers if a.dead]),
        ("refused or out of order", [a for a in answers if not a.dead and not a.well]),
    ):
        for answer in chosen:
            print(
                f"{title}: {answer.address} ({answer.status or 'no answer'}: {answer.words}), on "
                f"{', '.join(pages[answer.address])}"
            )
    dead = sum(answer.dead for answer in answers)
    print(
        f"{len(answers)} addresses: {sum(a.well for a in answers)} answer, {dead} dead, "
        f"{len(answers) - dead - sum(a.well for a in answers)} refused or out of order"
    )
    sys.exit(1 if dead else 0)


if __name__ == "__main__":
    main()
