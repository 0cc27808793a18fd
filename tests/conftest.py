"""What every test can ask for, that CI skips nothing, and how files run side by side."""

from __future__ import annotations

from collections.abc import Generator

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests.order import longest_first, processes
from tests.parts.fixtures import *  # noqa: F403 - fixtures must be names of a conftest
from tests.parts.fixtures import CLUSTERED
from tests.parts.missing import in_ci

if not in_ci():
    # Other work on the machine fails no test. (In CI this is Hypothesis' own choice.)
    settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("here")


@pytest.fixture(autouse=True)
def logs_of_its_own() -> Generator[None]:
    """A command that ran in this process has logs go to its own stderr, which is closed by then."""
    yield
    structlog.reset_defaults()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """How many processes `make test` has."""
    return processes()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """One of several processes begins with what takes longest; a single one keeps the order of the folders."""
    if CLUSTERED:
        items[:] = [item for item in items if item.get_closest_marker("one_redis") is None]
    if hasattr(config, "workerinput"):
        items[:] = longest_first(items)


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
