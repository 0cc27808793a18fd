"""The one-command start's own parts: built once, from either Go, and never two of them in one folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stream import embedded
from stream.child import PartFailed
from stream.embedded import EmbeddedBroker, EmbeddedStore, broker_binary, store_binary

START_AND_DIE = """
import os, sys
from stream.embedded import EmbeddedStore
store = EmbeddedStore(sys.argv[1])
store.start()
print(store._process.pid, flush=True)
os._exit(1)
"""


def test_the_broker_is_built_once_and_found_again(kfake: EmbeddedBroker) -> None:
    built = broker_binary().stat().st_mtime_ns
    assert broker_binary().stat().st_mtime_ns == built


def test_the_broker_says_that_it_is_not_for_production(kfake: EmbeddedBroker) -> None:
    assert "not for production" in kfake.log.read_text()


def test_without_go_on_the_path_the_wheels_go_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded.shutil, "which", lambda _: None)
    program, root = embedded._go()
    assert root is not None
    told = subprocess.run([program, "version"], env={**os.environ, "GOROOT": root}, capture_output=True, check=True)
    assert told.stdout.startswith(b"go version go1.")


def test_without_any_go_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(embedded, "_gos", lambda: iter(()))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(PartFailed, match=r"needs Go 1\.26 .* extra `embedded`, or set KAFKA_BOOTSTRAP_SERVERS"):
        EmbeddedBroker(tmp_path / "data").start()


def test_a_store_left_behind_by_a_killed_program_is_ended_before_its_folder_is_used(tmp_path: Path) -> None:
    left = subprocess.run(
        [sys.executable, "-c", START_AND_DIE, str(tmp_path)], capture_output=True, text=True, check=False
    )
    orphan = int(left.stdout)
    os.kill(orphan, 0)
    with EmbeddedStore(tmp_path) as store:
        assert store.running
        assert _gone(orphan)


def _gone(process_id: int) -> bool:
    """Whether a process has ended; one that nobody waited for has no command line left."""
    command = Path(f"/proc/{process_id}/cmdline")
    return not command.exists() or not command.read_bytes()


async def test_parts_are_context_managers_of_both_kinds(tmp_path: Path) -> None:
    async with EmbeddedStore(tmp_path) as store:
        assert store.url == f"redis://127.0.0.1:{store.port}/0"
    assert not store.running
    with EmbeddedStore(tmp_path) as again:
        assert again.running


def test_a_paused_part_is_stopped_too(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    store.start()
    store.pause()
    assert not store.ready()
    store.stop()
    assert not store.running


def test_the_store_is_the_wheels_own() -> None:
    assert store_binary().name == "valkey-server"
    assert os.access(store_binary(), os.X_OK)
