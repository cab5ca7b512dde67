"""Code in Markdown set aside while the tags of a template are replaced, and put back byte for byte.

Code that is only indented is not: four spaces stand in every nested list, and a generator runs tags there as well.
"""

from __future__ import annotations

import re

# One of: a fence, a <pre> or <script>, a block that the template itself calls verbatim, code between backticks.
_CODE = re.compile(
    r"""
    (?P<raw>\{%-?\s*(?P<verbatim>raw|verbatim)\s*-?%\}(?P<inside>.*?)\{[%{]-?\s*end(?P=verbatim)\s*-?[%}]\})
    | \{%-?\s*highlight\s+(?P<language>[\w+#.-]+)[^%]*-?%\}(?P<sample>.*?)\{%-?\s*endhighlight\s*-?%\}
    | \{\{[<%]\s*highlight\s+"?(?P<language2>[\w+#.-]+)[^>}]*[>%]\}\}(?P<sample2>.*?)\{\{[<%]\s*/\s*highlight\s*[>%]\}\}
    | ^[ \t>]*(?P<fence>`{3,}|~{3,})[^\n]*\n.*?(?:^[ \t>]*(?P=fence)[`~]*[ \t]*\r?$|\Z)
    | <(?P<tag>pre|script|style)\b[^>]*>.*?</(?P=tag)>
    | (?<![`\\])(?P<ticks>`+)(?!`)(?:(?!\n\s*\n)[\s\S]){1,2000}?(?<!`)(?P=ticks)(?!`)
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL | re.IGNORECASE,
)
_RAW_MARKS = re.compile(r"\{%-?\s*(?:end)?(?:raw|verbatim)\s*-?%\}")
_HELD = re.compile("\x00(\\d+)\x00")


class Verbatim:
    """The code of one body. `hide` first, then `show`; what is between sees a mark in place of each piece."""

    def __init__(self) -> None:
        self._held: list[str] = []

    def hide(self, markdown: str) -> str:
        """The body with each piece of code as a mark."""
        return _CODE.sub(self._hold, markdown.replace("\x00", ""))

    def show(self, markdown: str) -> str:
        """The body with its code again."""
        # A block may hold code that was set aside before it.
        for _ in range(2):
            markdown = _HELD.sub(lambda found: self._held[int(found[1])], markdown)
        return markdown

    def _hold(self, found: re.Match[str]) -> str:
        if found["raw"]:
            return self._mark(found["inside"])
        sample = found["sample"] or found["sample2"]
        if sample is not None:
            language = found["language"] or found["language2"]
            return self._mark(f"\n```{language}\n{_RAW_MARKS.sub('', sample).strip(chr(10))}\n```\n")
        return self._mark(_RAW_MARKS.sub("", found[0]))

    def _mark(self, code: str) -> str:
        self._held.append(code)
        return f"\x00{len(self._held) - 1}\x00"
