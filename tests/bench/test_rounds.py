"""The bench's rounds, of paths made up here."""

from types import SimpleNamespace

import pytest

from bench.catalogue import Row
from bench.process import Measured
from bench.recount import Wrong
from bench.rounds import prepare, turns
from tests.parts.missing import PartMissing

LOGS = SimpleNamespace(plain="the plain log")
RUN = Measured(1000, 2.0, 1.0, 0.0, 1)


def missing():
    raise PartMissing("java is not installed here")


def test_a_path_that_cannot_run_here_is_left_out_with_its_reason():
    rows = [Row("a", "A", "plain", lambda *_: RUN), Row("b", "B", "plain", lambda *_: RUN, missing)]
    ready, left_out = prepare(rows, LOGS)
    assert [each.row.name for each in ready] == ["a"]
    assert left_out == {"B": "java is not installed here"}


def test_paths_take_turns_and_get_their_topic_and_what_was_built():
    calls = []

    def measure(*given):
        calls.append(given)
        return RUN

    rows = [Row("a", "A", "plain", measure, lambda: "built"), Row("b", "B", "plain", measure)]
    runs = turns("here", prepare(rows, LOGS)[0], rounds=2)
    assert calls == [("here", LOGS.plain, "built"), ("here", LOGS.plain, None)] * 2
    assert runs == {"A": [RUN, RUN], "B": [RUN, RUN]}


def test_a_warm_run_has_a_row_of_its_own_after_the_one_just_started():
    started = RUN._replace(warm=RUN._replace(seconds=1.0))
    rows = [Row("a", "A", "plain", lambda *_: started), Row("b", "B", "plain", lambda *_: RUN)]
    runs = turns("here", prepare(rows, LOGS)[0], rounds=1)
    assert list(runs) == ["A", "A, warm", "B"]
    assert runs["A, warm"][0].rate == 1000


def test_a_peer_that_counts_wrongly_ends_the_bench():
    def measure(*_):
        raise Wrong("one call too many")

    with pytest.raises(Wrong, match="one call too many"):
        turns("here", prepare([Row("a", "A", "plain", measure)], LOGS)[0], rounds=1)
