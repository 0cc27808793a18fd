"""The compiled core counts what the plain one counts: the same laws, on the same sources, compiled."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.compile_core import MODULES, READERS, compiled
from stream.embedded import cache_folder

ROOT = Path(__file__).parents[2]
LAWS = (
    "test_agent_by_hand.py",
    "test_agent_laws.py",
    "test_agent_stages.py",
    "test_forgotten.py",
    "test_friction.py",
    "test_groups.py",
    "test_interaction.py",
    "test_interaction_laws.py",
    "test_journey.py",
    "test_keeps.py",
    "test_ledger.py",
    "test_ledger_laws.py",
    "test_parts.py",
    "test_single.py",
    "test_told_laws.py",
    "test_open_interactions.py",
    "../schemas/test_codec.py",
    "../agents/test_guard.py",
)


@pytest.fixture(scope="module")
def program() -> Path:
    """The compiled copy of the packages; skips where nothing can be compiled."""
    compiler = os.environ.get("CC") or "cc"
    if shutil.which(compiler) is None:
        pytest.skip(f"no C compiler: {compiler}")
    return compiled(cache_folder())


@pytest.mark.timeout(1200)
def test_the_compiled_core_keeps_the_laws(program: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tests", tmp_path / "tests", ignore=shutil.ignore_patterns("__pycache__", "e2e", "parts"))
    (tmp_path / "tests" / "conftest.py").unlink()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    said = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(f"tests/core/{name}" for name in LAWS)],
        env={**os.environ, "PYTHONPATH": str(program), "PYTEST_ADDOPTS": ""},
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout + said.stderr
    look = "import importlib, sys\nfor name in sys.argv[1:]: print(importlib.import_module(name).__file__)"
    loaded = subprocess.run(
        [sys.executable, "-c", look, *(f"stream.core.{name}" for name in MODULES),
         *(path.removesuffix(".py").replace("/", ".") for path in READERS)],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(program)}, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert all(path.endswith(".so") and path.startswith(str(program)) for path in loaded), loaded


def test_a_plan_is_for_the_core_that_plans(program: Path, tmp_path: Path) -> None:
    for path, core in ((program, "compiled"), (ROOT, "pure")):
        said = subprocess.run(
            [sys.executable, "-m", "stream.cli", "capacity", "--events", "5k", "--json"], cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(path)}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert json.loads(said.stdout)["load"]["program"] == core


DECODED = """
import importlib, pkgutil, sys
from msgspec import inspect, json, msgpack

def types(of):
    yield of
    for name in ("fields", "types", "item_types"):
        for each in getattr(of, name, ()):
            yield from types(getattr(each, "type", each))
    for name in ("item_type", "key_type", "value_type"):
        if hasattr(of, name):
            yield from types(getattr(of, name))

seen = 0
for package in ("schemas", "stream", "agents"):
    for each in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        if each.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(each.name)).items():
            decoder = getattr(value, "__self__", value)
            if isinstance(decoder, (json.Decoder, msgpack.Decoder)):
                seen += 1
                unknown = [one for one in types(inspect.type_info(decoder.type)) if one == inspect.CustomType(type)]
                if unknown:
                    print(each.name, name, decoder.type)
print(seen)
"""
"""Prints the decoders of things with fields whose types are lost, and how many there are in all."""


def test_what_is_decoded_has_its_types_when_compiled(program: Path, tmp_path: Path) -> None:
    """A compiled class knows no `int | None` of a field: what is stored or received as one must not be compiled."""
    said = subprocess.run(
        [sys.executable, "-c", DECODED], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(program)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    *lost, seen = said.stdout.splitlines() or [said.stderr]
    assert lost == []
    assert int(seen) > 30
