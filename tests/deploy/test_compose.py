"""docker-compose.yml and deploy/Dockerfile, as far as they can be looked at without a Docker engine."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
import yaml

from deploy.grafana.board import WALLBOARD
from deploy.grafana.boards import FOLDER, boards
from stream.settings import Settings
from stream.settings_error import variable
from tests.deploy import dockerfile
from tests.deploy.dockerfile import ROOT
from tests.parts.fixtures import skipping
from tests.parts.kafka_once import CLUSTER_ID, class_path, kafka_version
from tests.parts.missing import program
from tests.parts.prometheus import promtool

COMPOSE = ROOT / "docker-compose.yml"
CENTER = yaml.safe_load(COMPOSE.read_text())
SERVICES = CENTER["services"]
OURS = {"worker", "serve", "simulator"}
OTHERS = {"kafka", "redis", "prometheus", "alertmanager", "grafana"}
TEXT = dockerfile.PATH.read_text()
STAGES = dockerfile.stages(TEXT)
BUILD, CORE, FINAL = STAGES["build"], STAGES["core"], STAGES[""]
WHOLE = dockerfile.instructions(TEXT)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
VARIABLES = {variable(Settings, name) for name in Settings.model_fields}
PINNED = re.compile(r"[\w./-]+:v?\d+\.\d+\.\d+(-[\w.-]+)?(@sha256:[0-9a-f]{64})?")


def test_compose_files_schema_accepts_it() -> None:
    checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    done = subprocess.run(checker, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_all_parts_are_there() -> None:
    assert set(SERVICES) == OURS | OTHERS
    assert not any("profiles" in service for service in SERVICES.values())


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_pinned_contained_restarted_and_looked_at(name) -> None:
    service = SERVICES[name]
    assert PINNED.fullmatch(service["image"])
    uid = int(service["user"].split(":")[0])
    assert uid > 0
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert service["restart"] == "unless-stopped"
    own = service.get("healthcheck") or (_image_health() if service.get("build") else None)
    assert own, "no health check"
    assert own["test"][0] == "CMD"
    assert {"interval", "timeout", "retries"} <= own.keys()


def _image_health():
    (health,) = [each for each in FINAL if each.word == "HEALTHCHECK"]
    options = dict(re.findall(r"--([a-z-]+)=(\S+)", health.rest))
    return {**options, "test": ["CMD", *health.form]}


def test_ports_are_of_this_machine_alone_and_each_once() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert all(re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port) for port in ports)
    assert len({port.split(":")[1] for port in ports}) == len(ports)
    assert "127.0.0.1:" + ":".join([WALLBOARD.rpartition(":")[2]] * 2) in SERVICES["serve"]["ports"]


def test_what_is_mounted_is_there_and_files_of_ours_are_read_only() -> None:
    named = set()
    for service in SERVICES.values():
        for volume in service.get("volumes", ()):
            source, target, *mode = volume.split(":")
            assert Path(target).is_absolute()
            if source.startswith("."):
                assert (ROOT / source).exists(), source
                assert mode == ["ro"]
            else:
                named.add(source)
    assert named == set(CENTER["volumes"])


def test_nobody_waits_for_what_cannot_be_waited_for() -> None:
    for service in SERVICES.values():
        for needed, how in service.get("depends_on", {}).items():
            assert how == {"condition": "service_healthy"}
            assert needed in SERVICES
    order = TopologicalSorter({name: set(service.get("depends_on", ())) for name, service in SERVICES.items()})
    assert [*order.static_order()][-1] in {"grafana", *OURS}


def test_every_variable_of_ours_is_a_setting_that_means_something() -> None:
    told = {name for name in dockerfile.variables(FINAL) if name.startswith("CENTRALINO_")}
    for name in OURS:
        told |= set(SERVICES[name]["environment"])
    assert told
    assert told <= VARIABLES


def test_our_services_are_of_one_image_which_writes_nothing() -> None:
    version = PROJECT["project"]["version"]
    for name in OURS:
        service = SERVICES[name]
        assert service["image"] == f"centralino:{version}"
        assert (ROOT / service["build"]["dockerfile"]) == dockerfile.PATH
        assert service["read_only"]
        assert service["user"] == next(each.rest for each in FINAL if each.word == "USER")


def test_addresses_are_of_services_and_of_ports_that_they_listen_on() -> None:
    listening = {
        "kafka": "9092", "redis": "6379", "prometheus": "9090", "alertmanager": "9093", "serve": str(Settings().port),
    }  # fmt: skip
    told = {**SERVICES["serve"]["environment"], "grafana": SERVICES["grafana"]["environment"]["PROMETHEUS_URL"]}
    prometheus = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
    jobs = {job["job_name"]: job for job in prometheus["scrape_configs"]}
    told |= {name: job["static_configs"][0]["targets"][0] for name, job in jobs.items() if "static_configs" in job}
    told["alerts"] = prometheus["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"][0]
    for address in told.values():
        host, port = re.search(r"(\w+):(\d+)", re.sub(r"^\w+://", "", address)).groups()
        assert listening[host] == port
    workers = jobs["centralino-workers"]["dns_sd_configs"][0]
    assert workers["names"] == ["worker"]
    assert dockerfile.variables(FINAL)["CENTRALINO_WORKER_PORT"] == str(workers["port"])


def test_the_broker_is_of_the_version_that_is_tested_and_accepts_its_settings(tmp_path) -> None:
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{kafka_version()}"
    told = {
        name.removeprefix("KAFKA_").lower().replace("_", "."): value
        for name, value in SERVICES["kafka"]["environment"].items()
    }
    told["log.dirs"] = str(tmp_path / "data")
    properties = tmp_path / "server.properties"
    properties.write_text("".join(f"{name}={value}\n" for name, value in told.items()))
    with skipping():
        tool = [program("java"), *class_path(), "kafka.tools.StorageTool"]
    done = subprocess.run(
        [*tool, "format", "-t", CLUSTER_ID, "-c", str(properties)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "data" / "meta.properties").exists()


def test_prometheus_accepts_its_configuration() -> None:
    with skipping():
        promtool("check", "config", str(ROOT / "deploy" / "prometheus" / "prometheus.yml"))


@pytest.mark.parametrize(
    ("name", "binary"), [("prometheus", "prometheus"), ("alertmanager", "prometheus-alertmanager")]
)
def test_the_program_knows_the_flags_that_it_is_given(name, binary) -> None:
    with skipping():
        told = subprocess.run([program(binary), "--help"], capture_output=True, text=True, check=False)
    known = set(re.findall(r"--([\w.-]+)", told.stdout + told.stderr))
    assert {flag.removeprefix("--").partition("=")[0] for flag in SERVICES[name]["command"]} <= known


def test_the_store_appends_and_never_evicts() -> None:
    command = " ".join(SERVICES["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command
    assert [volume.split(":")[1] for volume in SERVICES["redis"]["volumes"]] == ["/data"]


def test_grafana_shows_the_boards_to_who_does_not_log_in_and_nobody_can_log_in() -> None:
    grafana = SERVICES["grafana"]
    told, mounted = grafana["environment"], {v.split(":")[0]: v.split(":")[1] for v in grafana["volumes"]}
    assert (told["GF_AUTH_ANONYMOUS_ENABLED"], told["GF_AUTH_ANONYMOUS_ORG_ROLE"]) == ("true", "Viewer")
    assert told["GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"] == told["GF_AUTH_DISABLE_LOGIN_FORM"] == "true"
    folder = mounted["./" + str(FOLDER.relative_to(ROOT))]
    assert told["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] == f"{folder}/{boards()[0].uid}.json"
    provisioning = ROOT / "deploy/grafana/provisioning"
    (provider,) = yaml.safe_load((provisioning / "dashboards/centralino.yml").read_text())["providers"]
    assert provider["options"]["path"] == folder
    assert mounted["./deploy/grafana/provisioning"] == "/etc/grafana/provisioning"
    for name in re.findall(r"\$\{(\w+)\}", (provisioning / "datasources/centralino.yml").read_text()):
        assert name in told


def test_the_image_is_built_in_stages_of_a_pinned_base_as_nobody() -> None:
    (base,) = [each.rest.partition("=")[2] for each in WHOLE if each.word == "ARG"]
    assert PINNED.fullmatch(base)
    assert {each.rest.split(" AS ")[0] for each in WHOLE if each.word == "FROM"} == {"${PYTHON}", "build"}
    minor = ".".join(base.partition(":")[2].split(".")[:2])
    assert PROJECT["project"]["requires-python"] == f">={minor}"
    user = [each for each in FINAL if each.word == "USER"]
    assert int(user[-1].rest.split(":")[0]) > 0
    assert [each.word for each in FINAL].index("USER") > max(
        place for place, each in enumerate(FINAL) if each.word in {"RUN", "COPY"}
    )


def test_the_final_stage_has_the_environment_the_core_and_an_allocator_and_no_tools_to_build_with() -> None:
    environment, core, (_, library, folder) = [each.rest.split() for each in FINAL if each.word == "COPY"]
    assert environment == ["--from=build", "/opt/centralino", "/opt/centralino"]
    assert core == ["--from=core", *[dockerfile.variables(FINAL)["PYTHONPATH"]] * 2]
    assert folder + Path(library).name == dockerfile.variables(FINAL)["LD_PRELOAD"]
    run = " ".join(each.rest for each in FINAL if each.word == "RUN")
    assert not re.search(r"\b(apt|apt-get|pip|gcc|build-essential|curl|wget)\b", run)
    assert "venv --without-pip /opt/centralino" in " ".join(each.rest for each in BUILD)


def test_what_hadolint_would_say_of_the_image() -> None:
    words = {each.word for each in WHOLE}
    assert words <= {"ARG", "FROM", "WORKDIR", "COPY", "RUN", "LABEL", "ENV", "USER", "EXPOSE", "HEALTHCHECK",
                     "ENTRYPOINT", "CMD"}  # fmt: skip
    for each in WHOLE:
        if each.word in {"ENTRYPOINT", "CMD", "HEALTHCHECK"}:
            assert each.form, f"{each.word} in shell form"
        if each.word == "WORKDIR":
            assert each.rest.startswith("/")
        if each.word == "RUN":
            assert not re.search(r"\bsudo\b|\bcd \S|[^|]\|[^|]", each.rest)
        for step in re.split(r"&&|;", each.rest if each.word == "RUN" else ""):
            if re.search(r"\bpip\b.* install ", step):
                assert "--no-cache-dir" in step
                assert "--require-hashes" in step or "--no-deps" in step
    for stage in dockerfile.stages(TEXT).values():
        for word in ("ENTRYPOINT", "CMD", "HEALTHCHECK"):
            assert sum(each.word == word for each in stage) <= 1
    copied = [source for each in [*BUILD, *CORE] if each.word == "COPY" for source in each.rest.split()[:-1]]
    ignored = (ROOT / ".dockerignore").read_text().split()
    for source in copied:
        assert (ROOT / source).exists()
        assert source.split("/")[0] not in ignored


def test_the_image_is_built_of_what_is_packaged() -> None:
    copied = {each.rest for each in BUILD if each.word == "COPY"}
    for package in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]:
        assert f"{package.rstrip('*')} {package.rstrip('*')}" in copied


def test_the_image_exposes_what_its_settings_say() -> None:
    told = dockerfile.variables(FINAL)
    (exposed,) = [each.rest.split() for each in FINAL if each.word == "EXPOSE"]
    assert exposed == [told["CENTRALINO_PORT"], told["CENTRALINO_WORKER_PORT"]]
    assert told["CENTRALINO_HOST"] == "0.0.0.0"
