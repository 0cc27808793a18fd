"""What every test can ask for, and that CI skips nothing."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from hypothesis import settings

from tests.parts.fixtures import *  # noqa: F403 - fixtures must be names of a conftest
from tests.parts.missing import in_ci

if not in_ci():
    settings.register_profile("here", deadline=None)  # other work on the machine fails no test
    settings.load_profile("here")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With CI set a skip is a failure: there, every part must be installed."""
    report = yield
    if not hasattr(report, "wasxfail"):
        _fail_if_skipped_in_ci(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for whole modules."""
    report = yield
    _fail_if_skipped_in_ci(report)
    return report


def _fail_if_skipped_in_ci(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and in_ci():
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped, and CI skips nothing: {reason}"
