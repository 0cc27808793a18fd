"""Every line of a log once and in order, whatever becomes of its files."""

from __future__ import annotations

import gzip
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from stream.cli.problem import Problem
from stream.cli.tail_files import CHUNK_BYTES, head_of
from stream.cli.tail_follow import Follower
from stream.cli.tail_state import Position, State


class Log:
    """A log and who follows it: what was read so far, and what was said."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "queue_log"
        self.read: list[bytes] = []
        self.places: list[tuple[str, int]] = []
        self.said: list[str] = []
        self.written: list[bytes] = []
        self.position: Position | None = None
        self._second = 1_800_000_000
        self._follower: Follower | None = None

    def write(self, n: int = 1) -> None:
        """So many lines, of a second each."""
        with self.path.open("ab") as file:
            for _ in range(n):
                self._second += 1
                line = b"%d|1.1|q|A|CONNECT|%d\n" % (self._second, len(self.written))
                self.written.append(line)
                file.write(line)

    def look(self) -> None:
        """Read all that there is."""
        if self._follower is None:
            self._follower = Follower(self.path, self.position, self.said.append)
        while (found := self._follower.read()) is not None:
            self.read += [line for _, line in found.lines]
            self.places += [(found.head.file, offset) for offset, _ in found.lines]
            self.position = Position(
                host="h", log="l", file=found.head.file, first_at=found.head.first_at, inode=found.inode,
                offset=found.offset,
            )  # fmt: skip

    def stop(self) -> None:
        """Nobody follows."""
        if self._follower is not None:
            self._follower.close()
        self._follower = None

    def fail(self) -> None:
        """As a disk does that fails."""
        assert self._follower is not None
        assert self._follower._now is not None
        folder = os.open(self.path.parent, os.O_RDONLY)
        os.dup2(folder, self._follower._now._fd)
        os.close(folder)

    def rotate(self) -> None:
        """As logrotate does: .1 becomes .2, the log .1."""
        for number in range(8, 0, -1):
            for end in ("", ".gz"):
                old = self.path.with_name(f"queue_log.{number}{end}")
                if old.exists():
                    old.rename(self.path.with_name(f"queue_log.{number + 1}{end}"))
        self.path.rename(self.path.with_name("queue_log.1"))

    def compress(self, number: int) -> None:
        """A rotated file becomes one that is gzipped."""
        plain = self.path.with_name(f"queue_log.{number}")
        plain.with_name(f"{plain.name}.gz").write_bytes(gzip.compress(plain.read_bytes()))
        plain.unlink()

    def cut(self) -> None:
        """As logrotate does with copytruncate."""
        shutil.copy(self.path, self.path.with_name("queue_log.1"))
        os.truncate(self.path, 0)

    def all_is_read(self) -> None:
        assert self.read == self.written
        assert len(set(self.places)) == len(self.places)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    log = Log(tmp_path)
    yield log
    log.stop()


def test_a_file_that_grows_is_read_as_it_grows(log: Log) -> None:
    for n in (3, 0, 1, 5):
        log.write(n)
        log.look()
        log.all_is_read()


def test_half_a_line_waits_for_its_other_half(log: Log) -> None:
    log.write(2)
    with log.path.open("ab") as file:
        for part in (b"18000", b"09999|1.1|q|A", b"|CONNECT|x\n180001", b"0000|1.1|q|A|CONNECT|y\n"):
            file.write(part)
            file.flush()
            log.look()
            assert all(line.endswith(b"\n") for line in log.read)
    assert log.read[2:] == [b"1800009999|1.1|q|A|CONNECT|x\n", b"1800010000|1.1|q|A|CONNECT|y\n"]


def test_nothing_of_a_file_is_read_before_its_first_line_is_there(log: Log) -> None:
    log.look()
    log.path.write_bytes(b"\n18000")
    log.look()
    assert log.read == []
    log.path.write_bytes(b"\n1800000000|1.1|q|A|CONNECT|1\n")
    log.look()
    assert log.places == [(log.places[0][0], 1)]
    assert log.said == [f"{log.path}: not there yet, waiting for it"]


def test_a_renamed_file_is_read_to_its_end_while_its_writer_has_not_let_go(log: Log) -> None:
    log.write(3)
    log.look()
    old = log.path.open("ab")
    log.rotate()
    old.write(b"1800000500|1.1|q|A|CONNECT|late\n")
    old.flush()
    log.look()
    log.path.touch()
    old.write(b"1800000501|1.1|q|A|CONNECT|later\n")
    old.flush()
    log.look()
    old.write(b"1800000502|1.1|q|A|CONNECT|half")
    old.close()
    late = [b"1800000500|1.1|q|A|CONNECT|late\n", b"1800000501|1.1|q|A|CONNECT|later\n", b"1800000502|1.1|q|A|CONNECT|half"]  # fmt: skip # noqa: E501
    log.written += late
    log.write(2)
    log.look()
    log.all_is_read()


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("times", [1, 2, 3])
def test_files_that_came_and_went_while_nobody_looked_are_read_in_their_order(
    log: Log, times: int, zipped: bool
) -> None:
    log.write(4)
    log.look()
    log.write(3)
    log.stop()
    for _ in range(times):
        log.rotate()
        if zipped:
            log.compress(1)
        log.write(2)
    log.look()
    log.all_is_read()


def test_files_that_came_and_went_while_kafka_was_away_are_read_in_their_order(log: Log) -> None:
    log.write(4)
    log.look()
    for _ in range(3):
        log.write(2)
        log.rotate()
    log.write(2)
    log.look()
    log.all_is_read()


@pytest.mark.parametrize("followed", ["all the time", "but for the cut", "not then"])
def test_a_file_that_is_copied_and_cut_is_read_on_in_the_copy(log: Log, followed: str) -> None:
    log.write(4)
    log.look()
    log.write(3)
    with log.path.open("ab") as file:
        file.write(b"1800000500|1.1|q|A|CONNECT|half")
    log.written.append(b"1800000500|1.1|q|A|CONNECT|half")
    if followed == "not then":
        log.stop()
    log.cut()
    if followed == "all the time":
        log.look()
    log.write(30)
    log.look()
    log.all_is_read()


def test_of_two_files_that_begin_alike_the_one_that_was_followed_is_read_on(log: Log) -> None:
    log.write(4)
    log.look()
    log.stop()
    log.rotate()
    other = log.path.with_name("queue_log.other")
    other.write_bytes(log.path.with_name("queue_log.1").read_bytes() + b"1800000400|1.1|q|A|CONNECT|not ours\n")
    log.write(2)
    log.look()
    log.all_is_read()


def test_a_file_that_is_cut_without_a_copy_is_said_to_lack_lines(log: Log) -> None:
    log.write(4)
    log.look()
    os.truncate(log.path, 0)
    log.write(1)
    log.look()
    log.all_is_read()
    assert "lines may be missing" in log.said[-1]


def test_a_file_that_is_gone_is_said_to_be_missed_and_the_later_ones_are_read(log: Log) -> None:
    log.write(4)
    log.look()
    log.write(2)
    log.stop()
    log.rotate()
    log.write(2)
    log.rotate()
    log.path.with_name("queue_log.2").unlink()
    log.write(2)
    log.look()
    assert log.read == log.written[:4] + log.written[6:]
    assert "neither here nor beside it" in log.said[0]


def test_a_damaged_old_file_holds_back_nothing(log: Log) -> None:
    log.write(4)
    log.look()
    log.stop()
    log.write(20_000)
    log.rotate()
    log.compress(1)
    packed = log.path.with_name("queue_log.1.gz")
    packed.write_bytes(packed.read_bytes()[:-2000])
    log.write(2)
    log.look()
    assert log.read[-2:] == log.written[-2:]
    assert log.read[:-2] == log.written[: len(log.read) - 2]
    assert len(log.read) > 10_000
    assert "it is damaged behind byte" in log.said[-1]


def test_an_old_file_of_which_what_was_sent_cannot_be_read_is_as_one_that_is_gone(log: Log) -> None:
    log.write(20_000)
    log.look()
    log.stop()
    log.rotate()
    log.compress(1)
    packed = log.path.with_name("queue_log.1.gz")
    packed.write_bytes(packed.read_bytes()[:20_000])
    log.write(2)
    log.look()
    log.all_is_read()
    assert "neither here nor beside it" in log.said[0]


def test_a_file_that_can_no_longer_be_read_is_said(log: Log) -> None:
    log.write(2)
    log.look()
    log.fail()
    with pytest.raises(Problem, match="it cannot be read: Is a directory"):
        log.look()


def test_a_copy_beside_it_is_not_read_twice(log: Log) -> None:
    log.write(4)
    shutil.copy(log.path, log.path.with_name("queue_log.bak"))
    log.look()
    log.stop()
    log.write(2)
    log.rotate()
    log.write(2)
    log.look()
    log.all_is_read()


def test_what_lies_beside_and_is_no_log_is_left_alone(log: Log) -> None:
    log.write(2)
    log.look()
    log.path.with_name("queue_log.txt").write_bytes(b"Asterisk was here\n")
    log.path.with_name("queue_log.empty").touch()
    log.path.with_name("queue_log.d").mkdir()
    log.path.with_name("queue_log.broken.gz").write_bytes(b"\x1f\x8bnothing")
    log.rotate()
    log.write(2)
    log.look()
    log.all_is_read()


def test_a_file_that_was_edited_is_not_guessed_at(log: Log) -> None:
    log.write(9)
    log.look()
    log.stop()
    whole = log.path.read_bytes()
    log.path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Problem, match="somebody has edited it"):
        log.look()


def test_a_file_that_was_edited_while_it_was_read_is_not_guessed_at(log: Log) -> None:
    log.write(9)
    log.look()
    os.truncate(log.path, log.path.stat().st_size // 2)
    with pytest.raises(Problem, match="somebody has edited it"):
        log.look()


def test_a_file_that_was_put_back_by_an_editor_is_read_on_where_it_grows(log: Log) -> None:
    log.write(3)
    log.look()
    whole = log.path.read_bytes()
    log.path.rename(log.path.with_name("queue_log~"))
    log.path.write_bytes(whole)
    log.look()
    log.write(2)
    log.look()
    log.all_is_read()


def test_a_line_without_an_end_is_cut(log: Log) -> None:
    log.path.write_bytes(
        b"1800000000|1.1|q|A|CONNECT|1\n" + b"x" * (3 * CHUNK_BYTES) + b"\n1800000001|1.1|q|A|CONNECT|2\n"
    )
    log.look()
    assert log.read[0].startswith(b"1800000000")
    assert log.read[-1].startswith(b"1800000001")
    assert b"".join(log.read) == log.path.read_bytes()
    assert max(map(len, log.read)) <= 2 * CHUNK_BYTES


def test_a_file_without_any_line_end_is_one_too(log: Log) -> None:
    assert head_of(b"x" * CHUNK_BYTES) is not None
    assert head_of(b"x" * (CHUNK_BYTES - 1)) is None
    assert head_of(b"\n" * CHUNK_BYTES) is None


@pytest.mark.parametrize("seed", range(30))
def test_whatever_happens_every_line_is_read_once_and_in_order(log: Log, seed: int) -> None:
    draw = random.Random(seed)
    log.write(1)
    log.look()
    running = True
    for _ in range(60):
        match draw.randrange(8):
            case 0 if log.path.exists() and log.path.stat().st_size:
                log.rotate()
            case 1 if log.path.with_name("queue_log.1").exists():
                log.compress(1)
            case 2 if running:
                log.stop()
                running = False
            case 3 | 4:
                log.look()
                running = True
            case _:
                log.write(draw.randint(1, 400))
    log.write()
    log.look()
    log.all_is_read()


def test_a_missing_folder_and_a_file_that_may_not_be_read_are_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="there is no such folder"):
        Follower(tmp_path / "no" / "queue_log", None, print).read()
    with pytest.raises(Problem, match="Is a directory"):
        Follower(tmp_path, None, print).read()


POSITION = Position(host="pbx1", log="/l", file="f", first_at=1, inode=2, offset=3)


def test_a_position_is_kept(tmp_path: Path) -> None:
    state = State(tmp_path / "s", "pbx1", Path("/l"))
    assert state.load() is None
    state.save(POSITION)
    assert State(tmp_path / "s", "pbx1", Path("/l")).load() == POSITION
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "no state of ours"), (b"{", "no state of ours"), (b'{"host":"pbx1"}', "no state of ours")],
)
def test_a_state_that_is_none_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "s"
    path.write_bytes(content)
    with pytest.raises(Problem, match=words):
        State(path, "pbx1", Path("/l")).load()
    assert path.read_bytes() == content


def test_a_state_of_another_log_or_host_is_refused(tmp_path: Path) -> None:
    State(tmp_path / "s", "pbx1", Path("/l")).save(POSITION)
    for host, log in (("pbx2", "/l"), ("pbx1", "/other")):
        with pytest.raises(Problem, match="every log needs a state of its own"):
            State(tmp_path / "s", host, Path(log)).load()


def test_a_state_that_cannot_be_written_is_said_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="the state cannot be written: No such file"):
        State(tmp_path / "no" / "s", "pbx1", Path("/l")).load()
    (tmp_path / "file").touch()
    with pytest.raises(Problem, match="the state cannot be read: Not a directory"):
        State(tmp_path / "file" / "s", "pbx1", Path("/l")).load()
