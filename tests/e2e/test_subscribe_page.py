"""docs/subscribe.md says what the examples are, what they are asked with, and how they are run."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.parts.kafka_once import POM
from tests.parts.subscribers import EXAMPLES, LANGUAGES, MAKE, RUN

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "subscribe.md").read_text(encoding="utf-8")
CODE = {"python": "subscribe.py", "node": "subscribe.js", "java": "src/main/java/Subscribe.java"}
VARIABLES = set(re.findall(r"^\| `([A-Z_]+)` \|", PAGE, re.MULTILINE))


def code(language: str) -> str:
    return (EXAMPLES / language / CODE[language]).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_the_code_that_runs_and_how_to_run_it(language):
    assert code(language) in PAGE
    assert f"`{RUN[language]}`" in PAGE
    assert language not in MAKE or f"`{MAKE[language]}`" in PAGE
    assert len(code(language).splitlines()) <= 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_the_variables_that_an_example_takes(language):
    assert set(re.findall(r"\b(KAFKA_[A-Z_]+|TOPIC_PREFIX|GROUP|STATE)\b", code(language))) == VARIABLES
    for default in ("localhost:9092", "my-service", "subscribe.db"):
        assert default in code(language)
        assert f"`{default}`" in PAGE


def test_examples_take_the_versions_that_are_tested():
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert (EXAMPLES / "python" / "requirements.txt").read_text().split() == [
        each for each in ours if each.startswith("aiokafka")
    ]
    assert _versions(EXAMPLES / "java" / "pom.xml")["kafka-clients"] == _versions(POM)["kafka_2.13"]


def _versions(pom: Path) -> dict[str, str]:
    of = ET.parse(pom).iterfind(".//{*}dependency")
    return {each.findtext("{*}artifactId"): each.findtext("{*}version") for each in of}
