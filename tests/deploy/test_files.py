"""The files of the deployment say what the programs understand."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from stream.settings import Settings
from stream.settings_error import variable
from tests.parts.fixtures import skipping
from tests.parts.kafka import _kafka_version
from tests.parts.prometheus import promtool

ROOT = Path(__file__).parents[2]
VARIABLES = {variable(Settings, name) for name in Settings.model_fields}


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_prometheus_accepts_its_configuration() -> None:
    with skipping():
        promtool("check", "config", str(ROOT / "deploy" / "prometheus" / "prometheus.yml"))


def test_every_service_has_an_image_and_every_dependency_a_health_check(compose) -> None:
    services = compose["services"]
    assert set(services) == {"kafka", "redis", "worker", "serve", "prometheus"}
    for service in services.values():
        assert service["image"]
        for needed, how in service.get("depends_on", {}).items():
            assert how == {"condition": "service_healthy"}
            assert services[needed]["healthcheck"]["test"]


def test_every_variable_of_ours_is_a_setting(compose) -> None:
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    told = set(re.findall(r"\b(CENTRALINO_[A-Z_]+)=", dockerfile))
    for name in ("worker", "serve"):
        told |= set(compose["services"][name]["environment"])
    assert told
    assert told <= VARIABLES


def test_prometheus_scrapes_the_ports_that_the_image_listens_on(compose) -> None:
    jobs = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]
    service, workers, _ = jobs
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    assert service["static_configs"][0]["targets"] == [f"serve:{Settings().port}"]
    assert f"CENTRALINO_WORKER_PORT={workers['dns_sd_configs'][0]['port']}" in dockerfile
    assert workers["dns_sd_configs"][0]["names"][0] in compose["services"]


def test_the_broker_is_of_the_version_that_is_tested(compose) -> None:
    assert compose["services"]["kafka"]["image"] == f"apache/kafka:{_kafka_version()}"


def test_the_image_is_built_of_what_is_packaged() -> None:
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]["include"]
    for package in packages:
        assert f"COPY {package.rstrip('*')} " in dockerfile
