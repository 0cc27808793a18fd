"""Signatures without a server: what vendors have published, what may be mistaken for another, and random changes."""

from __future__ import annotations

import hashlib
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.serve.inbox.proof import CHECKS, SHOWN, proof
from stream.serve.inbox.told import Told, urls
from tests.serve.signing import HOST, OTHER, SECRET, SIGNED, STAMPED, WAYS, b64, mac

PAGE = "https://mycompany.com/myapp.php?foo=1&bar=2"
FIELDS = {
    "CallSid": "CA1234567890ABCDE", "Digits": "1234", "From": "+14158675309", "To": "+18005551212",
    "Caller": "+14158675309",
}  # fmt: skip
JSON_BODY = b'{"property": "value", "boolean": true}'
JSON_HASH = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
TWILIO = [
    (PAGE, urlencode(FIELDS).encode(), "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    (PAGE, b"Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234", "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
    (PAGE, b"Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234", "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
    (PAGE.replace(".com", ".com:1234"), urlencode(FIELDS).encode(), "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    (PAGE.replace(".com", ".com:1234").replace("https", "http"), urlencode(FIELDS).encode(),
     "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
    (PAGE, urlencode(FIELDS).encode(), "kvajT1Ptam85bY51eRf/AJRuM3w="),
    (PAGE.replace("https", "http"), urlencode(FIELDS).encode(), "0ZXoZLH/DfblKGATFgpif+LLRf4="),
    (f"{PAGE}&bodySHA256={JSON_HASH}", JSON_BODY, "a9nBmqA0ju/hNViExpshrM61xv4="),
]  # fmt: skip
"""What Twilio's own libraries are tested with, for the token 12345: URL, body, signature."""


def told(signed, body=None, headers=None):
    """As the route makes it of a request."""
    shown = {name.lower().encode(): [value.encode()] for name, value in (headers or signed.headers).items()}
    scope = {
        "headers": [(b"host", b"service")], "path": f"/in/{signed.vendor}",
        "raw_path": f"/in/{signed.vendor}".encode(), "query_string": signed.query.encode(),
    }  # fmt: skip
    return Told(shown, signed.body if body is None else body, signed.query.encode(), urls(scope, None))


def twilios(url, body, signature):
    query = url.partition("?")[2].encode()
    scope = {"headers": [], "path": "/", "query_string": query}
    return Told({b"x-twilio-signature": [signature.encode()]}, body, query, urls(scope, url))


@pytest.mark.parametrize(("url", "body", "signature"), TWILIO)
def test_twilios_own_examples_are_right(url, body, signature):
    assert proof("twilio", twilios(url, body, signature), [b"67890", b"12345"])
    assert proof("twilio", twilios(url, body, signature), [b"67890"]) is None
    assert proof("twilio", twilios(url, body + b"x", signature), [b"12345"]) is None
    assert proof("twilio", twilios(url.replace("mycompany", "other"), body, signature), [b"12345"]) is None
    assert proof("twilio", twilios(url.replace("foo=1", "foo=2"), body, signature), [b"12345"]) is None


def test_zendesks_secret_for_tests_is_taken_as_it_is_written():
    """It looks like Base64, and is not decoded. The signature was made with openssl."""
    shown = {
        b"x-zendesk-webhook-signature": [b"S/RDdU2ERmj7LHDDoWJ2onPYH+t7/f2+LTM4dL7UiLM="],
        b"x-zendesk-webhook-signature-timestamp": [b"2021-03-25T05:09:27Z"],
    }
    body = b'{"event":"ticket.updated","id":123}'
    found = proof("zendesk", Told(shown, body), [b"dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="])
    assert found is not None
    assert found.at == 1_616_648_967


@pytest.mark.parametrize("way", WAYS)
def test_each_way_shows_its_own_secret_and_no_other(way):
    signed = WAYS[way]()
    assert proof(signed.vendor, told(signed), [OTHER.encode(), SECRET.encode()])
    assert proof(signed.vendor, told(signed), [OTHER.encode()]) is None
    assert proof(signed.vendor, told(signed), []) is None


def test_every_way_is_told_of_by_its_headers():
    assert SHOWN.keys() == CHECKS.keys()
    for way in WAYS:
        signed = WAYS[way]()
        assert set(SHOWN[signed.vendor]) & {name.lower().encode() for name in signed.headers}, way


@pytest.mark.parametrize("way", WAYS)
def test_a_header_that_is_there_twice_is_nobodys(way):
    signed = WAYS[way]()
    twice = told(signed)
    for name in twice.headers.keys() - {b"content-type", b"x-chatwoot-delivery", b"sm-apikey"}:
        values = [*twice.headers[name], b"x" * 20]
        assert proof(signed.vendor, twice._replace(headers=twice.headers | {name: values}), [SECRET.encode()]) is None


@pytest.mark.parametrize("way", SIGNED)
def test_who_signs_for_one_platform_signs_for_no_other(way):
    """With the same secret for all: the same bytes under the same names."""
    signed = WAYS[way]()
    hub = {"intercom_256", "genesys_hex"}  # these two are one and the same signature
    for vendor in CHECKS.keys() - {signed.vendor}:
        found = proof(vendor, told(signed), [SECRET.encode()])
        assert found is None or (way in hub and vendor in ("intercom", "genesys"))


@pytest.mark.parametrize("way", SIGNED)
@given(data=st.data())
def test_any_other_body_or_header_proves_nothing(way, data):
    signed = WAYS[way](at=1_800_000_000)
    names = [name for name in signed.headers if name not in ("Content-Type", "X-Chatwoot-Delivery")]
    part = data.draw(st.sampled_from(["body", *names]))
    if part == "body":
        body = data.draw(st.binary(max_size=80).filter(lambda body: body != signed.body))
        assert proof(signed.vendor, told(signed, body=body), [SECRET.encode()]) is None
    else:
        value = data.draw(
            st.text(st.characters(codec="latin-1"), max_size=80).filter(lambda v: v != signed.headers[part])
        )
        changed = told(signed, headers=signed.headers | {part: value})
        assert proof(signed.vendor, changed, [SECRET.encode()]) is None


@pytest.mark.parametrize("way", STAMPED)
@pytest.mark.parametrize(
    "stamp", ["", "yesterday", "nan", "-1", "2026-01-02T03:04:05", "1e9", "inf", "\uff11\uff17", "9" * 400]
)
def test_a_signed_time_that_cannot_be_read_is_no_time(way, stamp):
    body, at = b"{}", stamp.encode()
    if way == "chatwoot":
        shown = {b"x-chatwoot-signature": [b"sha256=" + mac("sha256", at + b"." + body, SECRET).hex().encode()]}
        shown[b"x-chatwoot-timestamp"] = [at]
    else:
        shown = {b"x-zendesk-webhook-signature": [b64(mac("sha256", at + body, SECRET)).encode()]}
        shown[b"x-zendesk-webhook-signature-timestamp"] = [at]
    found = proof(way, Told(shown, body), [SECRET.encode()])
    assert found is not None
    assert found.at in (float("-inf"), float("inf"))


def test_the_same_request_has_one_digest_and_another_has_another():
    for way in WAYS:
        digests = {
            proof(WAYS[way]().vendor, told(WAYS[way](n, at=1e9)), [SECRET.encode()]).digest for n in (1, 1, 2, 3)
        }
        assert len(digests) == 3, way


def of_form(message, body):
    scope = {"headers": [(b"host", b"service")], "path": "/in/twilio"}
    signature = b64(mac("sha1", message, SECRET)).encode()
    return Told({b"x-twilio-signature": [signature]}, body, b"", urls(scope, None))


def test_a_form_of_bytes_that_are_no_text_is_signed_as_it_is():
    message = f"{HOST}/in/twilio".encode() + b"a\xff\xfeb" + b"c\x00 d"
    for body in (b"c=%00+d&a=%FF%FEb", b"a=\xff\xfeb&c=%00%20d"):
        assert proof("twilio", of_form(message, body), [SECRET.encode()])


def test_a_form_of_far_too_many_fields_is_not_looked_at():
    body = b"&".join(b"a=%d" % n for n in range(1001))
    message = f"{HOST}/in/twilio".encode() + b"".join(sorted(b"a%d" % n for n in range(1001)))
    assert proof("twilio", of_form(message, body), [SECRET.encode()]) is None


def test_two_hashes_of_a_body_are_none():
    body = b"{}"
    query = f"bodySHA256={hashlib.sha256(body).hexdigest()}&bodySHA256={'0' * 64}"
    signature = b64(mac("sha1", f"{HOST}/in/twilio?{query}".encode(), SECRET)).encode()
    scope = {"headers": [(b"host", b"service")], "path": "/in/twilio", "query_string": query.encode()}
    shown = Told({b"x-twilio-signature": [signature]}, body, query.encode(), urls(scope, None))
    assert proof("twilio", shown, [SECRET.encode()]) is None


@pytest.mark.parametrize(
    ("scope", "url", "expected"),
    [
        ({"headers": [(b"host", b"a.example:8000")], "path": "/in/twilio", "query_string": b"x=1"}, None,
         {"https://a.example:8000/in/twilio?x=1", "https://a.example/in/twilio?x=1",
          "https://a.example:443/in/twilio?x=1", "http://a.example:8000/in/twilio?x=1",
          "http://a.example/in/twilio?x=1", "http://a.example:80/in/twilio?x=1"}),
        ({"headers": [(b"host", b"inside")], "path": "/in/twilio"}, "https://a.example/x?y=2",
         {"https://a.example/x?y=2", "https://a.example:443/x?y=2"}),
        ({"headers": [], "path": "/in/twilio", "query_string": b"z=3"}, "https://a.example/x?y=2",
         {"https://a.example/x?z=3", "https://a.example:443/x?z=3"}),
        ({"headers": [], "path": "/in/twilio"}, "https://user:word@[::1]:99/x",
         {"https://user:word@[::1]:99/x", "https://user:word@[::1]/x", "https://user:word@[::1]:443/x"}),
        ({"headers": [], "path": "/in/twilio"}, "https://a.example", {"https://a.example", "https://a.example:443"}),
        ({"headers": [(b"host", b"[::1")], "path": "/in/twilio"}, None, set()),
        ({"headers": [(b"host", b"a:b")], "path": "/in/twilio"}, None, set()),
        ({"headers": [(b"host", b"\xff\xfe")], "path": "/in/twilio", "raw_path": b"/in/tw%69lio"}, None,
         {"https://ÿþ/in/tw%69lio", "https://ÿþ:443/in/tw%69lio", "http://ÿþ/in/tw%69lio", "http://ÿþ:80/in/tw%69lio"}),
    ],
)  # fmt: skip
def test_the_urls_that_may_have_been_signed(scope, url, expected):
    assert set(urls(scope, url)) == expected
