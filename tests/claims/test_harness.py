"""No file of claims forgets to run them: a tool that takes unused imports away would take the tests with them."""

from importlib import import_module
from pathlib import Path

import pytest

from tests.claims import harness

FILES = sorted(path.stem for path in Path(__file__).parent.glob("test_claims*.py"))


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_claims_imports_the_two_tests(name):
    module = import_module(f"tests.claims.{name}")
    assert module.CLAIMS
    for test in ("test_the_records_support_the_claim", "test_the_claim_fails_on_records_that_say_otherwise"):
        assert getattr(module, test, None) is getattr(harness, test)
