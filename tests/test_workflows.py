"""What runs on others' machines for us is named by its digest: a tag can be moved to another program."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PINNED = re.compile(r"[\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def used() -> list[str]:
    return [
        found
        for path in (ROOT / ".github/workflows").glob("*.yml")
        for found in re.findall(r"uses: *(.+)", path.read_text(encoding="utf-8"))
    ]


def test_every_action_is_named_by_its_digest_with_its_version_beside_it():
    assert used()
    assert [action for action in used() if not PINNED.fullmatch(action)] == []


def test_an_action_has_one_digest_everywhere():
    assert len(set(used())) == len({action.partition("@")[0] for action in used()})
