"""`centralino schema` prints the contract as it lies in docs/contract, wherever it is run."""

from __future__ import annotations

import json

import pytest

from checks.contract_page import FOLDER
from schemas.contract.types import PUBLIC_TYPES
from stream.cli import app
from stream.cli.problem import Problem
from tests.cli.conftest import Run


@pytest.mark.parametrize("name", ["interaction.queued", "dead-letter.headers"])
def test_a_type_is_printed_as_it_lies_in_the_folder(run: Run, name: str) -> None:
    told = run("schema", name)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == (FOLDER / PUBLIC_TYPES[name].direction / f"{name}.schema.json").read_text()


def test_the_whole_is_printed_as_it_lies_in_the_folder(run: Run) -> None:
    told = run("schema", "--asyncapi")
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == (FOLDER / "asyncapi.json").read_text()
    assert json.loads(told.stdout)["asyncapi"] == "3.0.0"


def test_the_list_has_each_type_with_its_direction_and_topics(capsys: pytest.CaptureFixture[str]) -> None:
    app(["schema", "--list"], standalone_mode=False)
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        [public.direction, name, *public.topics] for name, public in PUBLIC_TYPES.items()
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("customer.atrisk", "there is no type 'customer.atrisk'; did you mean customer.at_risk"),
        ("Interaction.Queued", "did you mean interaction.queued"),
        ("enriched.interaction.close", "did you mean enriched.interaction.closed"),
        ("interaction.digest", "there is no type 'interaction.digest'"),
        ("xyz", "centralino schema --list tells all"),
    ],
)
def test_a_type_that_is_none_is_told_with_what_may_be_meant(
    name: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Problem) as caught:
        app(["schema", name], standalone_mode=False)
    assert caught.value.code == 2
    assert words in str(caught.value)
    assert capsys.readouterr().out == ""


def test_without_anything_it_says_what_it_can_do(run: Run) -> None:
    told = run("schema")
    assert told.returncode == 0
    assert "--asyncapi" in told.stdout
    assert "register" in told.stdout
    wrong = run("schema", "customer.atrisk")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr.startswith("centralino: there is no type 'customer.atrisk'")
