"""With CI set nothing is skipped: a skip is a failure, with its reason. Files run side by side, the longest first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.order import LONGEST, longest_first

ROOT = Path(__file__).parents[1]


def _run(folder: Path, ci: str, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_it.py").write_text(
        "import pytest\n"
        "def test_that_skips():\n    pytest.skip('no such part')\n"
        "@pytest.fixture\ndef part():\n    pytest.skip('no such server')\n"
        "def test_whose_fixture_skips(part): pass\n"
        "@pytest.mark.skip(reason='marked')\ndef test_that_is_marked(): pass\n"
    )
    (folder / "test_whole.py").write_text("import pytest\npytest.importorskip('no_such_module')\n")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", ROOT / "pyproject.toml", "--rootdir", ROOT,
         "-p", "tests.conftest", "-p", "no:cacheprovider", "--continue-on-collection-errors", *options, folder],
        cwd=ROOT, env={"PATH": "/usr/bin:/bin", "CI": ci}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    "options", [(), ("--numprocesses", "auto", "--dist", "loadfile")], ids=["alone", "side by side"]
)
def test_a_skip_is_a_failure_in_ci(tmp_path: Path, options: tuple[str, ...]) -> None:
    done = _run(tmp_path, "true", *options)
    assert done.returncode in {1, 2}, done.stdout
    assert "skips nothing" in done.stdout
    assert "no such part" in done.stdout
    assert "no such server" in done.stdout
    assert "no_such_module" in done.stdout
    assert " skipped in " not in done.stdout


def test_a_skip_is_a_skip_elsewhere(tmp_path: Path) -> None:
    done = _run(tmp_path, "")
    assert done.returncode == 0, done.stdout
    assert "4 skipped" in done.stdout


def test_the_longest_files_are_there_and_come_first_each_in_its_order() -> None:
    assert [name for name in LONGEST if not (ROOT / "tests" / name).exists()] == []
    ids = [
        "schemas/a.py::schemas.a",
        "tests/x.py::b",
        "tests/x.py::a",
        f"tests/{LONGEST[1]}::b",
        f"tests/{LONGEST[0]}::a",
    ]
    ordered = longest_first([SimpleNamespace(nodeid=each) for each in [*ids, f"tests/{LONGEST[1]}::a"]])
    assert [item.nodeid for item in ordered] == [ids[4], ids[3], f"tests/{LONGEST[1]}::a", *ids[:3]]
