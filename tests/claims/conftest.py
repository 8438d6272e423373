import pytest

pytest.register_assert_rewrite("tests.claims.harness")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The two tests of harness.py, once for each claim of the file that imports them."""
    if "claim" in metafunc.fixturenames:
        claims = [
            pytest.param(experiment, claim, alterations, id=claim.__name__)
            for experiment, of_it in metafunc.module.CLAIMS.items()
            for claim, alterations in of_it.items()
        ]
        metafunc.parametrize("experiment, claim, alterations", claims)
