"""The image without an engine: its build's steps are run in a folder, and its programs as nobody, on real parts."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import pytest
import yaml

from deploy.compile_core import compiled
from stream.child import HOST, free_port
from stream.embedded import cache_folder
from tests.deploy import dockerfile
from tests.deploy.dockerfile import ROOT
from tests.e2e.plant import until


def _fits(path: str) -> bool:
    code = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    return Path(path).exists() and not subprocess.run([path, "-c", code], check=False).returncode


WITH_LOCKS = bool(os.environ.get("CENTRALINO_WHOLE_IMAGE"))
"""Install what the locks name, and compile, minutes of work; else what tests have installed and compiled is lent."""
STAGES = dockerfile.stages(dockerfile.PATH.read_text())
BUILD, CORE, FINAL = STAGES["build"], STAGES["core"], STAGES[""]
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
LENT = Path(sysconfig.get_path("purelib"))
PYTHON = next((path for path in ("/usr/local/bin/python3", "/usr/bin/python3") if _fits(path)), sys.executable)
"""One that nobody may run, too: not somebody's own in a home."""
UID = 10001


def _nobody(path: str) -> dict[str, object]:
    """How to run as nobody, where we may."""
    ours = Path(path).resolve().is_relative_to(Path.home())
    return {} if os.getuid() or ours else {"user": UID, "group": UID, "extra_groups": []}


class Image:
    """A folder in which the stages were carried out that make something of ours, with `/opt` in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._folder = root
        for each in [*BUILD, *CORE]:
            getattr(self, f"_{each.word.lower()}", lambda _: None)(each.rest)

    @property
    def bin(self) -> Path:
        """Where the programs are."""
        return self.root / "opt" / "centralino" / "bin"

    def _workdir(self, path: str) -> None:
        self._folder = self.root / path.lstrip("/")
        self._folder.mkdir(parents=True)

    def _copy(self, paths: str) -> None:
        *sources, target = paths.split()
        for source in map(Path, sources):
            to = self._folder / target
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, to, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                to.mkdir(exist_ok=True)
                shutil.copy(ROOT / source, to)

    def _run(self, command: str) -> None:
        if command.startswith("apt-get "):
            return None  # this machine's compiler
        if not WITH_LOCKS:
            if "-m venv " in command:
                return self._lend()
            if "--require-hashes" in command:
                return None
            if "compile_core.py" in command:
                return self._lend_core()
        here = re.sub(r"(^|&& )pip ", rf"\1{sys.executable} -m pip ", command.replace("/opt/", f"{self.root}/opt/"))
        here = re.sub(r"(^|&& )python ", rf"\1{PYTHON} ", here)
        done = subprocess.run(["sh", "-ec", here], cwd=self._folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return None

    def _lend(self) -> None:
        for name in ("centralino", "build"):
            folder = self.root / "opt" / name
            subprocess.run([PYTHON, "-m", "venv", "--without-pip", str(folder)], check=True)
            (site,) = folder.glob("lib/python*/site-packages")
            (site / "lent.pth").write_text(f"{LENT}\n")
        pip = self.root / "opt" / "build" / "bin" / "pip"
        pip.write_text(f'#!/bin/sh\nexec {shlex.quote(str(pip.with_name("python")))} -m pip "$@"\n')
        pip.chmod(0o755)

    def _lend_core(self) -> None:
        shutil.copytree(compiled(cache_folder()), self.root / "opt" / "core")


pytestmark = pytest.mark.timeout(1200)


@pytest.fixture(scope="module")
def image():
    with tempfile.TemporaryDirectory(prefix="image") as folder:
        Path(folder).chmod(0o755)
        yield Image(Path(folder))


def test_all_files_of_our_packages_are_installed(image) -> None:
    (site,) = (image.root / "opt" / "centralino").glob("lib/python*/site-packages")
    listed = subprocess.run(
        ["git", "ls-files", "schemas", "stream", "agents"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    wanted = {path for path in listed.stdout.splitlines() if (ROOT / path).exists()}
    found = {
        str(path.relative_to(site)) for name in ("schemas", "stream", "agents") for path in (site / name).rglob("*")
    }
    missing = {path for path in wanted - found if not path.startswith("schemas/examples/")}
    assert missing == set()


def test_worker_service_and_simulator_live_as_nobody_and_are_healthy(image, kafka, redis_server, tmp_path) -> None:
    folder = image.root / "etc" / "centralino"
    folder.mkdir(parents=True)
    folder.chmod(0o555)
    told = dockerfile.variables(FINAL) | dockerfile.allocator()
    told |= {"KAFKA_BOOTSTRAP_SERVERS": kafka.address, "REDIS_URL": redis_server.url}
    told |= {
        "PATH": f"{image.bin}:/usr/bin:/bin", "PYTHONPATH": f"{image.root}{told['PYTHONPATH']}",
        "HOME": "/nonexistent", "CENTRALINO_HOST": HOST,
        "CENTRALINO_PORT": str(free_port()), "CENTRALINO_WORKER_PORT": str(free_port()),
        "CENTRALINO_TOPIC_PREFIX": "image.", "CENTRALINO_KEY_PREFIX": "image:", "CENTRALINO_GROUP": "image",
        "CENTRALINO_PARTITIONS": "2",
    }  # fmt: skip
    as_nobody = _nobody(PYTHON)
    logs = {name: tmp_path / f"{name}.log" for name in ("worker", "serve", "simulator")}
    running = {}
    try:
        for name, log in logs.items():
            with log.open("wb") as file:
                running[name] = subprocess.Popen(
                    [*_entry(), *SERVICES[name]["command"]], env=told, cwd=folder, stdout=file, stderr=file,
                    stdin=subprocess.DEVNULL, **as_nobody,
                )  # fmt: skip
        for name, process in running.items():
            test = SERVICES[name].get("healthcheck", {}).get("test") or ["CMD", *_health()]

            def healthy(test=test, process=process, log=logs[name]) -> bool:
                assert process.poll() is None, log.read_text()
                done = subprocess.run(test[1:], env=told, cwd=folder, capture_output=True, check=False, **as_nobody)
                return done.returncode == 0

            until(healthy, 30, lambda log=logs[name]: log.read_text())
            maps = Path(f"/proc/{process.pid}/maps").read_text()
            assert "libjemalloc" in maps, logs[name].read_text()
            assert f"{image.root}/opt/core/stream/core/" in maps or name == "simulator", logs[name].read_text()
        assert [*folder.iterdir()] == []
    finally:
        for process in running.values():
            process.terminate()
        codes = {name: process.wait(20) for name, process in running.items()}
    assert codes == {"worker": 0, "serve": 0, "simulator": -signal.SIGTERM}


def _entry() -> list[str]:
    return next(each.form for each in FINAL if each.word == "ENTRYPOINT")


def _health() -> list[str]:
    return next(each.form for each in FINAL if each.word == "HEALTHCHECK")
