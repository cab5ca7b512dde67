"""Words that point from an anchor: "last", "that", "the following"; which way, and from which of the two anchors."""

LEAD = (
    "(?:(?:{ABOUT} |{NEAR} )?(?P<clock>{CLOCK})(?:,? on|,? of|,)? )?"
    "(?:(?:earlier|later|sometime)(?: on| in)? |{EDGE_LEAD})(?:(?:the )?(?P<part>{PART})(?: of| on) )?"
)
TRAIL = "(?:,? (?:at |about |in the )?(?:(?P<clock2>{CLOCK})|(?P<part2>{PART})))?"
BACK = frozenset(("last", "past", "previous", "preceding", "prior"))
ON = frozenset(("next", "coming", "following", "upcoming", "ensuing", "subsequent"))
# These words lean on the date last named, the others on the publication.
FROM_TEXT = frozenset(("that", "same", "following", "previous", "preceding", "ensuing", "subsequent", "prior"))
WHICH = (
    "(?P<which>last|next|this past|this coming|this|past|coming|previous|preceding|following|upcoming|same|that|prior)"
)


def step_of(word: str) -> int:
    """-1 back, 1 on, 0 where the anchor stands."""
    return -1 if word in BACK else 1 if word in ON else 0
