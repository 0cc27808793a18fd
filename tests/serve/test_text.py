"""The text of a scrape is, byte for byte, what prometheus-client's own encoders say."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import CollectorRegistry

from stream.core.measures import CODES, WAIT_BOUNDS
from stream.serve.families import Run, Samples, bucket_values, histogram
from stream.serve.text import Text

ACCEPT = (
    "",
    "application/openmetrics-text; version=1.0.0",
    "application/openmetrics-text; version=2.0.0; escaping=allow-utf-8",
    "text/plain; version=1.0.0; escaping=allow-utf-8",
    "text/plain; version=1.0.0; escaping=dots",
)
LABEL = st.text(max_size=6) | st.sampled_from(
    ['"', "\\", "\n", "\u2028", "a\rb", "0.0", "%", "%a", " None", "# EOF\n", "} 0.0"]
)
VALUE = st.floats().map(lambda value: value + 0.0) | st.integers(-(10**18), 10**18)
SCRAPE = st.lists(
    st.tuples(LABEL, LABEL, VALUE, st.sampled_from(["0.5", "0.99"]), st.lists(st.integers(0, 10**9), max_size=4)),
    max_size=8,
    unique_by=lambda each: each[:2],
)
WINDOWS = Run([("", (name,), ()) for name in ("5m", "1h", "today")])
BOUNDS = (5_000, 20_000, 3_600_000)


def gathered(scrape):
    samples = Samples()
    for channel, queue, value, quantile, counts in scrape:
        labels = (channel, queue)
        samples.put("contact_center_queue_waiting", labels, value)
        samples.put("contact_center_asa_seconds", (*labels, "5m"), None if value == 0 else value)
        samples.put("contact_center_segments_total", (*labels, "offered"), value)
        samples.put("contact_center_wait_quantile_seconds", (*labels, "5m"), value, quantile=quantile)
        total = {WAIT_BOUNDS + position: n for position, n in enumerate(counts)} | {CODES["wait_ms"]: sum(counts)}
        values = bucket_values(total, WAIT_BOUNDS, CODES["wait_ms"], len(BOUNDS))
        samples.run("contact_center_wait_seconds", labels, histogram(BOUNDS), values)
        rates = [None if n % 3 else n / 7 for n in (*counts, 3, 4)[:2]]
        samples.run("contact_center_aht_seconds", labels, WINDOWS, [value, *rates])
    samples.put("stream_late_total", (), 5)
    return samples


class Registry(CollectorRegistry):
    """Of one scrape."""

    def __init__(self, samples):
        super().__init__(auto_describe=False)
        self.samples = samples

    def collect(self):
        return self.samples.families()


@pytest.mark.parametrize("accept", ACCEPT)
@given(scrapes=st.lists(SCRAPE, min_size=1, max_size=3))
def test_it_is_what_the_encoder_says_scrape_after_scrape(accept, scrapes):
    encode, _ = choose_encoder(accept)
    text = Text(encode)
    for scrape in scrapes:
        samples = gathered(scrape)
        assert b"".join(asyncio.run(text.of(samples))) == encode(Registry(samples))


async def test_series_that_are_gone_are_forgotten_and_those_that_stay_are_not_asked_for_again():
    asked = []
    encode, _ = choose_encoder("")

    def asking(collected):
        asked.extend((each.name, *sorted(each.labels.items())) for of in collected.collect() for each in of.samples)
        return encode(collected)

    text = Text(asking)
    for number in range(20):
        scrape = [("phone", "all", 1, "0.5", [3]), ("phone", str(number), 1, "0.5", [])]
        assert b"".join(await text.of(gathered(scrape))) == encode(Registry(gathered(scrape)))
    assert len(asked) == len(set(asked))
    assert sum(len(series) for series, _, _ in text._known.values()) < 20


async def test_labels_that_the_catalogue_does_not_have_are_an_error():
    samples = Samples()
    samples.put("contact_center_queue_waiting", ("phone",), 1)
    with pytest.raises(ValueError, match="zip"):
        await Text(choose_encoder("")[0]).of(samples)
