"""Formula, numerator and denominator come from one table, and it says what the functions of the figures say."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.core.figures import common as figures
from stream.core.figures import customers, explained, outcomes, quantiles, row, service_level, surveys
from stream.core.figures.customer_row import center_row
from stream.core.figures.explained import FIGURES, figure
from stream.core.figures.measure_words import WORDS
from stream.core.figures.row import Live, interaction_row, segment_row
from stream.core.measures import HANDLE_BINS, RESPONSE_BINS, WAIT_BINS
from stream.core.named import CODE_OF

NAMES = sorted({name for each in FIGURES.values() for name in each.terms})
cells = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 500))


def row_of(cell, live, overdue=0):
    """A row of all channels."""
    found = segment_row(cell, live, overdue) | interaction_row(cell, cell)
    found["customers"] |= center_row(cell, None)
    return found


def in_row(found, each):
    """The value of a figure in a row of the API."""
    if each.name in explained.OF_CUSTOMERS and each.name in found["customers"]:
        return found["customers"][each.name]
    if each.name in ("fcr", "repeat_rate"):
        return found["fcr"][each.variant]["ratio" if each.name == "fcr" else "repeat_rate"]
    if not each.denominator:
        return explained_measure(found, each.name)
    return found[each.name] if each.variant is None else found[each.name][each.variant]


def explained_measure(found, name):
    outer, dot, inner = name.partition(".")
    of_fcr = {"resolved_contacts": "resolved", "repeated_contacts": "repeated"}
    if name in explained.FIRST_CONTACTS or name == "unidentified":
        return found["fcr"]["provisional"][of_fcr.get(name, name)]
    return found[outer].get(inner, 0) if dot else found[name]


@settings(max_examples=200, deadline=None)
@given(cells)
def test_every_figure_is_its_numerator_over_its_denominator(counts):
    cell = {CODE_OF[name]: n for name, n in counts.items() if name in CODE_OF and n}
    live = Live(0, counts.get("waiting_past_threshold", 0), None)
    found = row_of(cell, live, counts.get("overdue", 0))
    for each in FIGURES.values():
        if each.population is None:
            assert each.value(counts) == in_row(found, each), each.key


@pytest.mark.parametrize("each", [each for each in FIGURES.values() if each.denominator and not each.population])
def test_what_was_never_counted_counts_as_0(each):
    full = {name: 10 ** (5 if (1, name) in each.denominator else place) for place, name in enumerate(each.terms)}
    for absent in each.terms:
        for others in (full, {name: n for name, n in full.items() if (1, name) in each.denominator}):
            counts = {name: n for name, n in others.items() if name != absent}
            cell = {CODE_OF[name]: n for name, n in counts.items() if name in CODE_OF}
            live = Live(0, counts.get("waiting_past_threshold", 0), None)
            found = row_of(cell, live, counts.get("overdue", 0))
            assert in_row(found, each) == each.value(counts)


def test_every_key_of_a_row_is_explained():
    found = row_of({}, Live())
    found |= found.pop("customers")
    others = {"waiting", "waiting_past_threshold", "longest_wait_ms", "interactions", "clv"}
    assert {key for key in found if key not in others and not key.endswith("_by")} <= {e.name for e in FIGURES.values()}
    assert {e.name for e in FIGURES.values() if e.population} == {key for key in found if "quantile" in key}


def test_every_figure_has_a_definition_and_every_measure_its_words():
    assert all(each.definition.endswith(".") for each in FIGURES.values())
    assert set(WORDS) == {name.split(".")[0] for name, each in FIGURES.items() if not each.denominator}
    assert figure("service_level.strict").definition.endswith("Source: ours.")


def test_every_function_is_in_the_table():
    functions = {
        name for module in (figures, outcomes, quantiles, surveys, customers) for name, f in vars(module).items()
        if callable(f) and getattr(f, "__module__", "") == module.__name__ and not name.startswith("_")
    }  # fmt: skip
    assert functions - {"quantile_seconds", "fcr_ratio", "clv"} <= {each.name for each in FIGURES.values()}
    assert {e.variant for e in FIGURES.values() if e.name == "service_level"} == set(service_level.VARIANTS)


def test_the_population_of_a_quantile_is_what_its_bins_count():
    bins = {"wait_ms": WAIT_BINS, "handle_ms": HANDLE_BINS, "first_response_ms": RESPONSE_BINS}
    for each in FIGURES.values():
        if each.population is not None:
            found = getattr(quantiles, each.name)({bins[each.population] + 300: 5})
            assert found[each.variant] is not None
    assert set(row.SEGMENT_MEASURES) >= set(bins)


def test_names_are_found_with_and_without_unit_and_variant():
    assert figure("nothing") is figure("service_level.best") is figure("asa.p50") is None
    assert figure("flowed_out_by.callback").formula == "flowed_out_by.callback"
    assert figure("handle_quantile").formula == "p50 of handle_ms, nearest rank, of handled"
    assert len(explained.variants(figure("service_level"))) == len(service_level.VARIANTS)
    assert explained.variants(figure("aht")) == []
