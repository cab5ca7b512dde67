"""Names of mined entries that outlive every rebuild: rulings hold on to them.

A key is made of words and not of numbers: of whose text it is, the sentence and what it quotes. An edit elsewhere in
the text, a new import of the archive and a changed vocabulary leave it as it is; a changed sentence is another entry.
"""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b

from isthmus.kit import text as kit_text

# 128 bits: among a billion entries two alike are less likely than one in 10^20.
_KEY_BYTES = 16


class Keys:
    """Makes the keys of one text's entries, in the order of the text.

    piece: the publication's identity where it was imported, which a new import keeps, else its number: `pub:17`.
    """

    def __init__(self, piece: str) -> None:
        self._piece = piece
        self._made: Counter[tuple[str, ...]] = Counter()

    def key(self, kind: str, sentence: str, *quotes: str) -> str:
        """The key of the next entry that quotes this; equal ones in equal sentences are told apart by their order.

        kind: `occurrence` or `relation`. quotes: the words the entry stands on, in their order.
        """
        parts = (kind, *(kit_text.fold(kit_text.collapse(part)) for part in (sentence, *quotes)))
        self._made[parts] += 1
        # No text holds a separator of units, so that no two lists of parts are joined alike.
        joined = "\x1f".join((self._piece, *parts, str(self._made[parts])))
        return blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=_KEY_BYTES).hexdigest()


def piece_of(publication_id: int, identity: str) -> str:
    """What names a publication in its entries' keys."""
    return identity or f"pub:{publication_id}"
