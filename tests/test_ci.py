"""With CI set nothing is skipped: a skip is a failure, with its reason."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def _run(folder: Path, ci: str) -> subprocess.CompletedProcess[str]:
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
         "-p", "tests.conftest", "-p", "no:cacheprovider", "--continue-on-collection-errors", folder],
        cwd=ROOT, env={"PATH": "/usr/bin:/bin", "CI": ci}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_skip_is_a_failure_in_ci(tmp_path: Path) -> None:
    done = _run(tmp_path, "true")
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
