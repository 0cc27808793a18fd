"""An agent's parts that lie wholly before what the time line keeps: on pages, read when an event is about one of them.

On asynchronous channels an interaction may be corrected for weeks after it is over. Then what it counted for its agent
must be known, and nothing else of it. An index says on which page each lies.
"""

from __future__ import annotations

import zlib
from array import array
from bisect import bisect_left, bisect_right

import msgspec

Dumped = tuple[int, list[tuple[int, int]], bytes]
"""The next page's number; pages with the last instant (ms) of any part on them; the index."""

FAST = 1
"""How hard pieces are compressed: less than half the bytes, for 0.7 ms of CPU a thousand parts and 0.2 to read them."""

_PAGES = 1 << 16
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(dict[str, bytes]).decode


def _of(key: str) -> int:
    return zlib.crc32(key.encode()) * _PAGES


class Past:
    """See the module."""

    __slots__ = ("_at_hand", "_changed", "_index", "_next", "_pages")

    def __init__(self, dumped: Dumped | None = None) -> None:
        self._next, pages, index = (0, [], b"") if dumped is None else dumped
        self._pages = dict(pages)
        self._index = array("Q", index)
        self._at_hand: dict[int, dict[str, bytes]] = {}
        self._changed: set[int] = set()

    def dump(self) -> Dumped:
        """What `Past` takes."""
        return self._next, list(self._pages.items()), self._index.tobytes()

    @property
    def pages(self) -> list[int]:
        """The numbers of all pages."""
        return list(self._pages)

    def lay(self, parts: dict[str, bytes], last: int) -> None:
        """Put parts, packed, on a page of their own. `last`: the last instant of any (ms)."""
        number = self._next
        self._next = (number + 1) % _PAGES
        self._pages[number] = last
        self._index = array("Q", sorted([*self._index, *(_of(key) + number for key in parts)]))
        self._at_hand[number] = parts
        self._changed.add(number)

    def forget(self, since: int) -> None:
        """Drop the pages on which all is over before an instant (ms)."""
        gone = {number for number, last in self._pages.items() if last < since}
        if gone:
            self._index = array("Q", [each for each in self._index if each % _PAGES not in gone])
            for number in gone:
                del self._pages[number]
                self._at_hand.pop(number, None)
                self._changed.add(number)

    def _places(self, key: str) -> range:
        first = _of(key)
        return range(bisect_left(self._index, first), bisect_right(self._index, first + _PAGES - 1))

    def lacks(self, key: str) -> list[int]:
        """The pages to `bring` before a part can be looked for."""
        if not self._index:
            return []
        numbers = [self._index[place] % _PAGES for place in self._places(key)]
        return [number for number in numbers if number not in self._at_hand]

    def bring(self, number: int, page: bytes) -> None:
        """A page as it is stored; it is at hand until `rest`."""
        self._at_hand[number] = _decode(zlib.decompress(page))

    def find(self, key: str) -> bytes | None:
        """A part, packed; None: there is none. KeyError: it may lie on a page that is not at hand."""
        numbers = [self._index[place] % _PAGES for place in self._places(key)]
        for number in numbers:
            found = self._at_hand.get(number, {}).get(key)
            if found is not None:
                return found
        for number in numbers:
            self._at_hand[number]
        return None

    def lose(self, key: str) -> bool:
        """Take a part out, if it is on a page at hand: another version of it stands elsewhere."""
        for place in self._places(key):
            number = self._index[place] % _PAGES
            if self._at_hand.get(number, {}).pop(key, None) is not None:
                self._changed.add(number)
                del self._index[place]
                return True
        return False

    def rest(self) -> dict[int, bytes | None]:
        """The pages that have changed, None: is no more. Afterwards none is at hand."""
        changed: dict[int, bytes | None] = {}
        for number in self._changed:
            kept = number in self._pages
            changed[number] = zlib.compress(_encode(self._at_hand[number]), FAST) if kept else None
        self._changed, self._at_hand = set(), {}
        return changed
