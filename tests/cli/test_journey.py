"""`centralino journey` on real stores: the timeline as a person reads it, narrow and wide."""

from __future__ import annotations

import json

import pytest

from schemas.pseudonyms import Pseudonyms
from tests.serve.test_journeys import HOURS, LIFE, contact, said
from tests.serve.told import Told

MORE = [
    *contact("c1", 100 * HOURS, "phone", "p9", "support"),
    said("c1", 100 * HOURS + 900, "survey_answered", survey="nps", score=10, interaction_id="p9", resolved=True),
    said("c1", 60 * 24 * HOURS, "reviewed", rating=1, site="stars"),
]


@pytest.fixture
async def told(redis_server, key_prefix):
    made = Told(redis_server.url, key_prefix)
    await made.declare(phone=1, chat=2)
    yield made
    await made.store.aclose()


@pytest.fixture
def show(run, redis_server, key_prefix):
    def journey(*arguments, width=80, **settings):
        known = {"REDIS_URL": redis_server.url, "CENTRALINO_KEY_PREFIX": key_prefix, "CENTRALINO_CLOCK": "event"}
        return run("journey", *arguments, **known | {"COLUMNS": str(width)} | settings)

    return journey


async def test_a_journey_fits_a_narrow_terminal(told, show):
    await told.take(LIFE)
    ended = show("c1")
    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].split() == ["c1", "at_risk,", "new"]
    assert lines[1].rstrip() == "5 touchpoints, 1 journey, 4 friction points since 2026-03-02; times of UTC"
    text = " ".join(ended.stdout.split())
    for words in (
        "2026-03-02 10:00 site completed", "! repeated on another channel", "CSAT 2", "! low score", "o1, 42.00 EUR",
        "moon late", "complaint: too late", "first contact, came back so far", "repeat of chat h1", "+2 d",
    ):  # fmt: skip
        assert set(words.split()) <= set(text.replace(",", " ,").replace(" ,", ",").split()), words


async def test_a_wide_one_has_gap_phase_and_friction_in_columns_of_their_own(told, show):
    await told.take(LIFE + MORE)
    lines = show("c1", width=140).stdout.splitlines()
    assert max(map(len, lines)) <= 140
    header = next(line for line in lines if line.startswith("when"))
    assert header.split() == ["when", "gap", "phase", "did", "felt", "inside", "friction"]
    chat = next(line for line in lines if "chat/web" in line)
    assert chat.split()[:5] == ["2026-03-02", "11:00", "+1", "h", "before"]
    assert "NPS 10, resolved" in " ".join(lines)
    alone = next(n for n, line in enumerate(lines) if line.startswith("a new journey"))
    assert "review 1 of 5 on stars" in lines[alone + 1]


async def test_only_the_newest_are_shown_when_told_so(told, show):
    await told.take(LIFE)
    shown = show("c1", "--last", "2").stdout
    assert "3 earlier touchpoints" in shown
    assert "purchase" in shown
    assert "chat/web" not in shown


async def test_the_same_as_json(told, show):
    await told.take(LIFE)
    body = json.loads(show("c1", "--json").stdout)
    assert (body["customer_id"], body["total"], len(body["lanes"]["inside"])) == ("c1", 5, 2)


async def test_an_alias_is_found(told, show):
    await told.take([*contact("tel:1", 0, "phone", "p1", "support"), said("c1", 5, "identified", aliases=["tel:1"])])
    assert show("tel:1").stdout.startswith("c1  new  also tel:1")


async def test_with_a_key_customers_are_found_by_the_sources_id(told, show):
    key = "a secret of the house, long enough"
    name = Pseudonyms(key.encode()).of("c1")
    await told.take([said(name, 0, "touched", touchpoint="site")])
    assert show("c1").returncode == 1
    assert show("c1", CENTRALINO_PSEUDONYM_KEY=key).stdout.startswith(name)


async def test_what_sources_wrote_does_not_act_on_the_terminal(told, show):
    await told.take([said("c1", 0, "complained", about="[bold]\x1b[2Jnow")])
    assert r"[bold]\x1b[2Jnow" in show("c1", width=140).stdout


async def test_who_is_not_known_is_said_in_a_line(told, show):
    await told.take(LIFE)
    ended = show("c9")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "centralino: nothing is known of customer c9: an id or an alias, as the source writes it\n"


def test_a_store_that_has_counted_nothing_knows_nobody(show):
    assert "nothing is known of customer c1" in show("c1").stderr


def test_without_a_store_or_a_service_it_says_so(run):
    assert "start it, or set REDIS_URL" in run("journey", "c1", REDIS_URL="redis://127.0.0.1:1/0").stderr
    away = run("journey", "c1", "--url", "http://127.0.0.1:1")
    assert (away.returncode, "http://127.0.0.1:1 does not answer" in away.stderr) == (1, True)
    assert run("journey", "c1", "--url", "127.0.0.1:8000").returncode == 2
