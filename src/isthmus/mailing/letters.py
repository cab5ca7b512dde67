"""Composes what is said in each kind of mail: HTML with its styles in the elements, and the same as text.

Every letter reads as the site does, 600 pixels wide, light or dark, from templates in theme/templates/isthmus/mail/.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import css_inline
from django.conf import settings
from django.db.models import Case, When
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from isthmus.kit import text
from isthmus.kit.errors import IsthmusError
from isthmus.mailing import mail_html, mail_text
from isthmus.mailing.models import Campaign, Mailing
from isthmus.mailing.splicing import Letter, Marks
from isthmus.publications import cards, context, pages_of, queries, rendering, visibility
from isthmus.publications.models import Publication, SiteSettings

# Some mail programs cut a message whose HTML has more than 102,400 bytes; the rest is for what is spliced in.
MAX_HTML_BYTES = 90_000
# Of a piece that is longer: some five paragraphs, and a link to the rest.
_BEGINNING_CHARS = 4_000
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False)
_BY_ITSELF = (("Auto-Submitted", "auto-generated"), ("Precedence", "bulk"))


class PieceNotPublic(IsthmusError):
    """The piece is not, or no longer, to be seen by the public; nothing is said about it."""


@dataclass(frozen=True, slots=True)
class MailCard:
    """One piece in a digest or campaign."""

    url: str
    title: str
    lang: str
    kind: str
    kind_label: str
    series: cards.SeriesLink | None
    byline: str
    published_on: Any
    summary: str


def alert(publication_id: int) -> Letter:
    """The whole piece, or its beginning where it is too long for mail programs. Raises: PieceNotPublic."""
    rows = queries.with_page_relations(visibility.publications())
    piece = rows.filter(pk=publication_id).first()
    if piece is None:
        raise PieceNotPublic(f"pub:{publication_id}")
    page = pages_of.piece_page(piece)
    letter = _alert(piece, page, page.body_html, is_beginning=False)
    if letter.n_html_bytes <= MAX_HTML_BYTES:
        return letter
    beginning = mail_html.beginning(page.body_html, max_chars=_BEGINNING_CHARS)
    return _alert(piece, page, mail_html.with_links_into(beginning, page.url), is_beginning=True)


def _alert(piece: Publication, page: pages_of.PiecePage, body: str, *, is_beginning: bool) -> Letter:
    return _letter(
        "isthmus/mail/alert.html",
        {"piece": page, "body_html": mark_safe(body), "is_beginning": is_beginning},  # noqa: S308  (rendered by us)
        subject=page.title,
        preheader=piece.summary or piece.excerpt,
        lang=page.lang,
        list_name="alerts",
        archive="/publications/",
    )


def digest(mailing: Mailing, publication_ids: Sequence[int]) -> Letter:
    """The pieces of one day or week, newest first. Raises: PieceNotPublic where none can be seen any more."""
    rows = _visible(publication_ids).order_by("-listed_at", "-id")
    shown = [_card(piece) for piece in rows]
    if not shown:
        raise PieceNotPublic(mailing.key)
    is_weekly = mailing.key.startswith("digest:weekly:")
    site, more = context.current_site(), len(shown) - 1
    return _letter(
        "isthmus/mail/digest.html",
        {
            "cards": shown,
            "heading": "New this week" if is_weekly else "New today",
            "lead": f"{text.plural(len(shown), 'piece', 'pieces').capitalize()} from {site.name}.",
        },
        subject=f"{text.shorten(shown[0].title, 120)}{f' and {more} more' if more else ''}",
        preheader=" · ".join(card.title for card in shown),
        list_name="weekly" if is_weekly else "daily",
        archive="/publications/",
    )


def confirmation() -> Letter:
    """Did you ask for this? The same for everybody but for the link."""
    name = context.current_site().name
    return _letter(
        "isthmus/mail/confirmation.html",
        {},
        subject=f"Please confirm: mail from {name}",
        preheader="One button to press, if it was you who asked.",
        headers=(("Auto-Submitted", "auto-generated"),),
    )


def campaign(row: Campaign, *, web_path: str = "") -> Letter:
    """An editor's letter; chosen pieces that the public may not see are left out. web_path: of its web copy."""
    blocks = [shown for block in row.body.raw_data if (shown := _campaign_block(block)) is not None]
    words = mail_text.text_of("".join(block.get("html", "") for block in blocks))
    return _letter(
        "isthmus/mail/campaign.html",
        {"title": row.title, "blocks": blocks, "web_url": web_path},
        subject=row.title,
        preheader=row.preheader or text.shorten(words, 150),
        list_name="news",
        archive="/mail/",
        headers=(("Precedence", "bulk"),),
    )


def _campaign_block(block: Any) -> dict[str, Any] | None:
    """What the template shows of one block: cards, or HTML as a piece's own blocks have it; None for nothing."""
    if block["type"] == "publications":
        numbers = [int(item.get("value") or 0) if isinstance(item, dict) else int(item or 0) for item in block["value"]]
        return {"cards": [_card(piece) for piece in _in_order(numbers)]}
    shown = rendering.render_body([block]).html
    return {"html": shown} if shown else None


def _visible(numbers: Sequence[int]) -> Any:
    return queries.with_card_relations(visibility.publications()).filter(pk__in=list(numbers))


def _in_order(numbers: Sequence[int]) -> Any:
    place = Case(*(When(pk=number, then=at) for at, number in enumerate(numbers)))
    return _visible(numbers).order_by(place) if numbers else ()


def _card(piece: Publication) -> MailCard:
    shown = cards.card(piece)
    return MailCard(
        url=shown.url,
        title=shown.title,
        lang=shown.lang,
        kind=shown.kind,
        kind_label=shown.kind_label,
        series=shown.series,
        byline=pages_of.byline_line(piece),
        published_on=shown.published_on,
        summary=shown.summary,
    )


def _letter(
    template: str,
    values: dict[str, Any],
    *,
    subject: str,
    preheader: str,
    lang: str = "",
    list_name: str = "",
    archive: str = "",
    headers: tuple[tuple[str, str], ...] = _BY_ITSELF,
) -> Letter:
    site, marks = context.current_site(), Marks.new()
    look = _look()
    known = {"site": site, "marks": marks, "subject": subject, "lang": lang or site.language, **look, **values}
    known["preheader"] = text.shorten(preheader, 200)
    known["postal_address"] = settings.ISTHMUS.mail_postal_address
    rendered = mail_html.for_mail(render_to_string(template, known), site.public_url)
    return Letter(
        subject=subject,
        html=_inlined(rendered, render_to_string("isthmus/mail/dark.html", look)),
        text=mail_text.text_of(rendered.replace(marks.becausehtml, marks.becausetext)),
        marks=marks,
        list_name=list_name,
        list_title=site.name,
        headers=(*_list_headers(list_name, archive, site.public_url), *headers),
    )


def _list_headers(list_name: str, archive: str, public_url: str) -> tuple[tuple[str, str], ...]:
    """Where help and older letters are (RFC 2369)."""
    if not list_name:
        return ()
    return (("List-Help", f"<{public_url}/subscribe/>"), ("List-Archive", f"<{public_url}{archive}>"))


def _look() -> dict[str, str]:
    """The institute's colours and logo. What is no colour, as a script may have saved it, is the theme's own."""
    row = SiteSettings.current()
    defaults = {"accent": "#1d4e6b", "accent_dark": "#8fc1dc"}
    look = {name: value if _COLOUR.fullmatch(value := getattr(row, name)) else own for name, own in defaults.items()}
    look["logo_url"] = context.current_site().logo_url or ""
    return look


def _inlined(html: str, dark: str) -> str:
    """The styles in the elements, where every program reads them; what is for the dark in a sheet of its own."""
    return str(_INLINER.inline(html)).replace("</head>", dark.strip() + "</head>", 1)
