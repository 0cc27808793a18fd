"""What is said of each platform is what its examples show, in words that the other pages know."""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

import pytest

from checks import figures_page, sources_page
from schemas.catalogue import INPUT_TYPES
from schemas.sources.about import About
from schemas.sources.conversion import Vendor
from schemas.sources.vendors import VENDORS
from stream.core.figures.explained import FIGURES
from stream.core.figures.measure_words import MEASURES, NOW, TIMES
from tests.schemas.payloads import files

TABLES = [(vendor, told) for vendor in VENDORS.values() if (told := sources_page.about(vendor)) is not None]
IN_SECTIONS = {key for section in figures_page.SECTIONS for key, _ in section.entries}
KNOWN_FIGURES = {
    name.partition(".")[0] for name in {*FIGURES, *IN_SECTIONS, *MEASURES, *NOW, *TIMES}
} | {*FIGURES, *IN_SECTIONS}  # fmt: skip
NOTHING = "nothing"
each_table = pytest.mark.parametrize(("vendor", "told"), TABLES, ids=lambda each: getattr(each, "name", ""))


def types_of(told: About) -> set[str]:
    """All that a table says its payloads become."""
    return {name for row in told.types for name in row.becomes.split(", ") if name != NOTHING}


def test_every_platform_has_a_table() -> None:
    assert [vendor.name for vendor, _ in TABLES] == list(VENDORS)


@each_table
def test_a_table_is_of_its_platform_and_says_everything(vendor: Vendor, told: About) -> None:
    assert told.vendor in {vendor.name, vendor.title}
    assert told.ways
    assert told.types
    assert told.fields
    assert told.identity
    assert told.guarantees
    assert all(row.told and row.becomes for row in (*told.types, *told.fields))
    assert all(lack.what and lack.why for lack in told.lacks)


@each_table
def test_kinds_of_payloads_become_types_of_ours(vendor: Vendor, told: About) -> None:
    assert types_of(told) <= set(INPUT_TYPES)


@each_table
def test_the_examples_give_every_type_that_the_table_names_and_no_other(vendor: Vendor, told: About) -> None:
    assert sources_page.shown(vendor).types == types_of(told)


@each_table
def test_every_kind_that_the_table_names_has_an_example(vendor: Vendor, told: About) -> None:
    examples = b"\n".join(
        payload for folder in ("", "skipped") for file in files(vendor, folder) for payload in file.payloads()
    ).decode(errors="replace")
    examples = f"{examples}\n{unquote_plus(examples)}".casefold()
    kinds = {name for row in told.types for name in re.split(r"[,;/]? ", row.told.replace("`", ""))[:1]}
    assert {kind for kind in kinds if kind.casefold() not in examples} == set()


@each_table
def test_figures_that_lack_are_figures_that_there_are(vendor: Vendor, told: About) -> None:
    assert {figure for lack in told.lacks for figure in lack.figures} <= KNOWN_FIGURES


@each_table
def test_the_page_has_every_row_of_the_table(vendor: Vendor, told: About) -> None:
    page = sources_page.page()
    assert f"\n## {vendor.title}\n" in page
    for row in (*told.types, *told.fields):
        assert row.told.replace("|", "\\|").split(", ")[0] in page
