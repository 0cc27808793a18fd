"""Who a customer is, in the words that all channels share: a number, an address, a handle.

The same person's number is one alias, however a platform writes it. What cannot be one is None, never a fault: an
interaction counts without its customer too.
"""

from __future__ import annotations

import re

_LONGEST = 128
_LONGEST_EXTENSION = 5
_PUNCTUATION = str.maketrans("", "", " -.()/")
_ADDRESS = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+")
_SCHEMES = ("tel:", "sip:", "sips:", "sms:", "whatsapp:", "client:")


def phone(number: str | None, country: str = "", trunk: str = "") -> str | None:
    """A telephone number as an alias; None when it is withheld or no number.

    One that is written as within the `country` (its code, `39`) begins with the `trunk`, if any, which is not part of
    it. Shorter ones are extensions.

    >>> phone("+39 06 1234"), phone("0039061234"), phone("061234"), phone("anonymous"), phone("")
    ('tel:+39061234', 'tel:+39061234', 'tel:061234', None, None)
    >>> phone("whatsapp:+3906123456"), phone("sip:+3906123456@pbx.example"), phone("tel:06-1234;ext=5")
    ('tel:+3906123456', 'tel:+3906123456', 'tel:061234')
    >>> phone("06 123456", "39"), phone("030 123456", "49", "0"), phone("+39061234", "49", "0"), phone("1001", "39")
    ('tel:+3906123456', 'tel:+4930123456', 'tel:+39061234', 'tel:1001')
    """
    plain = (number or "").strip().lower()
    for scheme in _SCHEMES:
        plain = plain.removeprefix(scheme)
    plain = plain.partition("@")[0].partition(";")[0].translate(_PUNCTUATION)
    digits = plain.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()) or not 3 <= len(digits) <= 20 or not digits.strip("0"):
        return None
    if plain.startswith("+"):
        return f"tel:+{digits}"
    if digits.startswith("00"):
        return f"tel:+{digits[2:]}"
    if country and len(digits) > _LONGEST_EXTENSION:
        return f"tel:+{country}{digits.removeprefix(trunk)}"
    return f"tel:{digits}"


def email(address: str | None) -> str | None:
    """A mail address as an alias, in small letters; None when it is none.

    >>> email("Anna.Rossi@Example.org "), email("Anna <anna@example.org>"), email("anna"), email(None)
    ('mailto:anna.rossi@example.org', 'mailto:anna@example.org', None, None)
    """
    found = _ADDRESS.findall(address or "")
    return _short(f"mailto:{found[0].lower()}") if len(found) == 1 else None


def social(network: str, handle: str | None) -> str | None:
    """An account of a network as an alias.

    >>> social("instagram", "17841400000"), social("x", None)
    ('social:instagram:17841400000', None)
    """
    return _short(f"social:{network}:{handle}") if handle else None


def known_as(platform: str, id_: str | None) -> str | None:
    """A customer by the platform's own id, for want of anything better: no other platform knows it.

    >>> known_as("zendesk", "8469")
    'zendesk:8469'
    """
    return _short(f"{platform}:{id_}") if id_ else None


def _short(name: str) -> str | None:
    return name if len(name) <= _LONGEST else None
