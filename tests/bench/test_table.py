"""The bench's tables, of runs made up here."""

from bench import table
from bench.catalogue import GOALS, NAMES, NOT_QUICK, ROWS
from bench.process import Measured
from bench.table import QUIX, RAW, STOCK, STREAMS, WARM, Goal, per_cpu_with_redis, rate


def run(seconds, redis_cpu=0.0):
    return Measured(1_000_000, seconds, 10.0, redis_cpu, 50 * 2**20)


RUNS = {
    RAW: [run(4.0)],
    "ours": [run(20.0, 2.5), run(10.0, 2.5), run(25.0, 2.5)],
    STOCK: [run(200.0, 10.0)],
    STREAMS + WARM: [run(40.0)],
    QUIX: [run(80.0)],
    "left out": [],
}


def test_a_row_by_the_clock_has_the_range_the_median_and_the_ratios_of_medians():
    rows = {name: cells for name, *cells in table.by_clock(RUNS)}
    assert list(rows) == [RAW, "ours", STOCK, STREAMS + WARM, QUIX]
    assert rows["ours"] == [
        "40 k",
        "50 k",
        "100 k",
        *_ratios({"Kafka": "2.00", "Quix": "4.00", "stock": "10.0", "raw": "0.20"}),
    ]
    assert {len(cells) + 1 for cells in rows.values()} == {len(table.CLOCK_HEADINGS)}


def test_a_row_by_the_cpu_counts_the_store_with_the_process_and_tells_them_apart():
    rows = {name: cells for name, *cells in table.by_cpu(RUNS)}
    assert rows["ours"][:3] == ["80 k", "80 k", "80 k"]
    assert rows["ours"][-3:] == ["10.0 µs", "2.5 µs", "50 MB"]
    assert rows[RAW][-2] == "-"
    assert {len(cells) + 1 for cells in rows.values()} == {len(table.CPU_HEADINGS)}


def test_a_ratio_to_a_peer_that_could_not_run_is_left_open():
    rows = {name: cells for name, *cells in table.by_clock({"ours": RUNS["ours"]})}
    assert set(rows["ours"][3:]) == {table.NOTHING}


def test_a_goal_is_met_or_missed_and_left_out_where_one_side_has_not_been_measured():
    wanted = [
        Goal("half of raw", "ours", RAW, rate, 0.5),
        Goal("of stock Faust", "ours", STOCK, per_cpu_with_redis, 1.6),
        Goal("of nobody", "ours", "left out", rate, 1.0),
    ]
    assert table.goals(RUNS, wanted) == [
        ["half of raw", "0.20", "0.50", "missed"],
        ["of stock Faust", "1.60", "1.60", "met"],
    ]


def test_two_workers_are_as_fast_as_the_busier_of_them_and_have_the_cpu_of_both():
    two = Measured(1000, 10.0, cpu=5.0, redis_cpu=0.0, peak_bytes=0, busiest=4.0)
    assert (two.per_busiest, two.per_cpu) == (250.0, 200.0)
    assert two._replace(busiest=None).per_busiest == 200.0


def test_every_goal_is_about_rows_that_there_are():
    titles = {row.title for row in ROWS} | {row.title + WARM for row in ROWS}
    assert {goal.row for goal in GOALS} | {goal.peer for goal in GOALS} <= titles
    assert len(set(NAMES)) == len(NAMES)
    assert set(NAMES) > NOT_QUICK


def test_tables_are_columns_for_a_terminal_or_markdown():
    cells = [["one", "1"], ["another", "22"]]
    assert table.plain(cells, ["path", "n"]).splitlines() == ["path      n", "one       1", "another  22"]
    assert table.markdown(cells, ["path", "n"]).splitlines()[1:] == ["| --- | --: |", "| one | 1 |", "| another | 22 |"]


def _ratios(by_start):
    return [next(text for start, text in by_start.items() if heading.startswith(start)) for heading in table.PEERS]
