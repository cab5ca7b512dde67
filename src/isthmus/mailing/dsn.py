"""What a returned message says: read once, in a throw-away process, into plain values that `returns` judges.

Pure, without Django and without secrets: whether an address is ours is not known here, so every address that the
message could be about is only listed. Fields of RFC 3464 come first, then what qmail and old Exim write instead, and
SMTP codes in the text last. Words are never weighed, but to tell a refusal of the message from one of the address.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from typing import Any

# A bounce names one person of ours; a mailing list behind the address may name many.
_MOST_RECIPIENTS, _MOST_ADDRESSES, _MOST_PARTS = 50, 30, 100
_MAX_TEXT_CHARS, _MAX_VALUE_CHARS, _MAX_SAID_CHARS = 20_000, 1_000, 500

FAILED, DELAYED, OTHER_ACTION = "failed", "delayed", "other"
HARD, SOFT = "hard", "soft"

_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_REPORT_TYPES = (*_STATUS_TYPES, "message/feedback-report", "message/disposition-notification")
_ENCLOSED_TYPES = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")
# Where those who delivered it wrote whom it was for, the surest first; To was written by whoever sent it.
_RECIPIENT_FIELDS = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc")

_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]@]{1,128}@[^\s<>,;:\"()\[\]@?]{1,255}")
_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.#-])([45]\d\d)(?=[ \t-])")
# RFC 3463, and what large hosts use beside it: X.1.0 for an unknown person, 5.4.310 for an unknown domain.
_HARD_CODES = frozenset({"1.0", "1.1", "1.2", "1.3", "1.6", "1.10", "2.1", "4.4", "4.310"})
# A bare 550 that speaks of these refuses the message or the sender, and says nothing of the address.
_OF_THE_MESSAGE = re.compile(
    r"spam|polic[yi]|black ?list|block ?list|block(ed|ing)|reputation|\bcontent|virus|dmarc|dkim|\bspf\b|\brbl\b|"
    r"unsolicited|greylist|\brate\b|\brelay|authenticat",
    re.IGNORECASE,
)
_REFUSED_AT_THE_EDGE = re.compile(r"5\.4\.1 recipient address rejected", re.IGNORECASE)

_MAILER = re.compile(r"mailer-daemon|mail delivery (sub)?system|postmaster@|^postmaster\b", re.IGNORECASE)
_VACATION = re.compile(
    r"auto(matic|matische|matisch)?[ -]?(reply|response|antwort)|^auto:|out of (the )?office|on vacation|away from my|"
    r"abwesen|abwesend|r[ée]ponse automatique|absence du bureau|respuesta autom[áa]tica|fuera de la oficina|"
    r"risposta automatica|자동 ?(응답|회신)|부재중|自動応答|自動返信|自动(回复|答复)|自動回覆",
    re.IGNORECASE,
)
_AUTOMATIC_FIELDS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply", "X-Vacation")
_BULK = ("bulk", "junk", "list", "auto_reply", "auto-reply")
_COPY = re.compile(r"^-{3,} ?(?:Below this line|.{0,60}(?:copy|original|message).{0,60}$)", re.MULTILINE)
_QMAIL = re.compile(r"^Hi\. This is (the|deliver)|I wasn't able to deliver your message|qmail-send", re.MULTILINE)
_QMAIL_RECIPIENT = re.compile(r"^<([^<>\s]{3,320})>:?[ \t]*\n((?:.+(?:\n|\Z))*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Recipient:
    """What a report says of one address. status: as `5.1.1`, or empty. diagnostic: the other server's words."""

    address: str
    action: str
    status: str
    diagnostic: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message says. kind: `report`, `complaint`, `leave`, `notice`, `auto_reply` or `unknown`.

    addresses: those it may have been sent to; enclosed: those in the message it returns, from its envelope and its
    fields. Neither is known to be ours. said: the sentence that says it best, on one line.
    """

    kind: str
    addresses: list[str] = field(default_factory=list)
    enclosed: list[str] = field(default_factory=list)
    recipients: list[Recipient] = field(default_factory=list)
    said: str = ""

    @classmethod
    def from_plain(cls, values: dict[str, Any]) -> Reading:
        """As `read` gave it, out of its process."""
        recipients = [Recipient(**recipient) for recipient in values["recipients"]]
        return cls(**{**values, "recipients": recipients})


def read(raw: bytes) -> dict[str, Any]:
    """A Reading of one message as plain values. Never raises for bad syntax; what is no mail is `unknown`."""
    return asdict(_reading(BytesParser(policy=compat32).parsebytes(raw)))


def read_each(raws: Sequence[bytes]) -> Iterator[dict[str, Any]]:
    """As `read`, one after the other, for `kit.child.stream_limited`."""
    for raw in raws:
        yield read(raw)


def severity(status: str, diagnostic: str) -> str:
    """HARD where the address does not exist, SOFT for every other refusal.

    status: an enhanced code or empty. diagnostic: what the other server said, whose own codes count where the status
    says nothing (X.0.0). Of a bare reply code 550, 551 and 553 are about the address, unless they speak of spam.
    """
    codes = [*_ENHANCED.findall(status), *_ENHANCED.findall(diagnostic)]
    telling = next((code for code in codes if code[1:] != ("0", "0")), None)
    if telling is not None:
        is_hard = telling[0] == "5" and f"{telling[1]}.{telling[2]}" in _HARD_CODES
        return HARD if is_hard or _REFUSED_AT_THE_EDGE.search(diagnostic) else SOFT
    bare = _REPLY_CODE.search(diagnostic)
    is_about_address = bare is not None and bare[1] in ("550", "551", "553")
    return HARD if is_about_address and not _OF_THE_MESSAGE.search(diagnostic) else SOFT


def is_about_address(said: str) -> bool:
    """Whether a server's answer to a recipient is about their address or mailbox: X.1.X, X.2.X, or a bare 55X."""
    found = _ENHANCED.search(said)
    if found is not None and (found[2], found[3]) != ("0", "0"):
        return found[2] in ("1", "2") and (found[2], found[3]) not in (("1", "7"), ("1", "8"))
    bare = _REPLY_CODE.search(said)
    return bare is not None and bare[1] in ("550", "551", "552", "553") and not _OF_THE_MESSAGE.search(said)


def first_code(said: str) -> str:
    """The enhanced code in an answer, else the reply code, else nothing."""
    found = _ENHANCED.search(said) or _REPLY_CODE.search(said)
    return found[0] if found else ""


def verdict(recipients: Sequence[Recipient], email: str) -> tuple[str | None, str]:
    """How a report ends for the person it was sent to, HARD, SOFT or None for no failure, and what was said.

    email: theirs. Where the report names them, that counts; else, since mail is forwarded, the address does not exist
    only if no address behind it does.
    """
    named = [one for one in recipients if one.address.casefold() == email.casefold()] or list(recipients)
    failed = [one for one in named if one.action == FAILED]
    if not failed:
        return None, _first_words(named)
    found = [severity(one.status, one.diagnostic) for one in failed]
    is_hard = len(failed) == len(named) and all(one == HARD for one in found)
    return (HARD if is_hard else SOFT), _first_words(failed)


def _first_words(recipients: Sequence[Recipient]) -> str:
    return next((one.diagnostic or one.status or one.action for one in recipients), "")[:_MAX_SAID_CHARS]


def _reading(message: Message) -> Reading:
    parts = _parts(message)
    enclosed = _enclosed_addresses(parts)
    kind, recipients, said = _judged(message, parts)
    is_report = any(part.get_content_type() in _REPORT_TYPES for part in parts)
    return Reading(
        kind=kind,
        addresses=_addresses(_all_values(message, _RECIPIENT_FIELDS)),
        enclosed=enclosed if is_report else [],
        recipients=recipients[:_MOST_RECIPIENTS],
        said=(said or _subject(message))[:_MAX_SAID_CHARS],
    )


def _judged(message: Message, parts: Sequence[Message]) -> tuple[str, list[Recipient], str]:
    """Kind, recipients and words, by the first of these that applies."""
    if report := _part(parts, "message/feedback-report"):
        return _complaint(report)
    states = [part for part in parts if part.get_content_type() in _STATUS_TYPES]
    if recipients := [recipient for part in states for recipient in _per_recipient(part)]:
        return "report", recipients, ""
    if _part(parts, "message/disposition-notification"):
        return "auto_reply", [], ""
    text = _text(parts)
    if recipients := _in_words(message, text):
        return "report", recipients, ""
    if _is_automatic(message):
        return "auto_reply", [], ""
    return ("leave" if _wants_to_leave(message) else "unknown"), [], ""


def _complaint(report: Message) -> tuple[str, list[Recipient], str]:
    """RFC 5965. Only people's own reports count: not-spam takes one back, auth-failure (RFC 6591) is a machine's."""
    fields = next(iter(_blocks(report)), Message())
    feedback = _value(fields, "Feedback-Type").casefold()
    kind = {"abuse": "complaint", "fraud": "complaint", "opt-out": "leave", "opt-out-list": "leave"}
    return kind.get(feedback, "notice"), [], f"feedback report: {feedback or 'of no type'}"


def _per_recipient(part: Message) -> Iterator[Recipient]:
    """The groups of fields after the first, which is about the message (RFC 3464, 2.1)."""
    for block in _blocks(part):
        original, final = (_typed(_value(block, name)) for name in ("Original-Recipient", "Final-Recipient"))
        address = original if "@" in original else final
        status = _value(block, "Status")
        action = _value(block, "Action").casefold()
        if not action and not (address and status):
            continue
        known = {"failed": FAILED, "": FAILED, "delayed": DELAYED}
        yield Recipient(
            address,
            known.get(action.partition(" ")[0], OTHER_ACTION),
            _code(status),
            _one_line(_typed(_value(block, "Diagnostic-Code")))[:_MAX_SAID_CHARS],
        )


def _typed(value: str) -> str:
    """Without its type: `rfc822; dan@example.com` and `smtp; 550 …` lose what stands before the semicolon."""
    kind, semicolon, rest = value.partition(";")
    return (rest if semicolon and " " not in kind.strip() else value).strip().strip("<>")


def _code(status: str) -> str:
    found = _ENHANCED.search(status)
    return found[0] if found else ""


def _in_words(message: Message, text: str) -> list[Recipient]:
    """Refusals written for people: qmail's paragraphs, Exim's field, or a code, where a mail system wrote it."""
    if not _is_of_a_mail_system(message) or "delay" in _subject(message).casefold():
        return []
    if _QMAIL.search(text):
        found = [Recipient(one[1], FAILED, _code(one[2]), _one_line(one[2])) for one in _QMAIL_RECIPIENT.finditer(text)]
        if found:
            return found
    codes = [*_ENHANCED.finditer(text), *_REPLY_CODE.finditer(text)]
    diagnostic = _line_around(text, codes[0].start()) if codes else ""
    if names := _addresses(_all_values(message, ("X-Failed-Recipients",))):
        return [Recipient(name, FAILED, "", diagnostic) for name in names]
    return [Recipient("", FAILED, "", diagnostic)] if codes and codes[0][0][0] in "45" else []


def _line_around(text: str, at: int) -> str:
    """The line that a code stands in and the one after it, where servers fold their answers."""
    first = text.rfind("\n", 0, at) + 1
    return _one_line("\n".join(text[first : first + 2 * _MAX_SAID_CHARS].split("\n")[:2]))


def _is_of_a_mail_system(message: Message) -> bool:
    # Somebody's own words may quote any number; only a mail system's are read for codes.
    return bool(_MAILER.search(_value(message, "From")) or _value(message, "X-Failed-Recipients"))


def _is_automatic(message: Message) -> bool:
    """RFC 3834 and what programs do instead; a null sender that reports nothing is no person either."""
    submitted = _value(message, "Auto-Submitted").casefold()
    if submitted and not submitted.startswith("no") and not _wants_to_leave(message):
        return True
    if submitted.startswith("auto-replied") or any(_value(message, name) for name in _AUTOMATIC_FIELDS):
        return True
    if _value(message, "Precedence").casefold() in _BULK or _VACATION.search(_subject(message)):
        return True
    return _has_null_sender(message) or _is_of_a_mail_system(message)


def _has_null_sender(message: Message) -> bool:
    return "Return-Path" in message and not _addresses([_value(message, "Return-Path")])


def _wants_to_leave(message: Message) -> bool:
    """What a mail program sends to the mailto of List-Unsubscribe (RFC 2369): the subject that stands in it."""
    return _subject(message).strip(" \t\"'.").casefold() == "unsubscribe"


def _parts(message: Message) -> list[Message]:
    found = []
    for part in _walk(message, is_enclosed=False):
        found.append(part)
        if len(found) >= _MOST_PARTS:
            break
    return found


def _walk(part: Message, *, is_enclosed: bool) -> Iterator[Message]:
    """The parts, but none of a message that is only returned: what stood in ours is not what they say."""
    yield part
    payload = part.get_payload()
    if part.is_multipart() and part.get_content_maintype() == "multipart" and isinstance(payload, list):
        for child in payload:
            if isinstance(child, Message):
                yield from _walk(child, is_enclosed=is_enclosed)


def _part(parts: Iterable[Message], content_type: str) -> Message | None:
    return next((part for part in parts if part.get_content_type() == content_type), None)


def _enclosed_addresses(parts: Sequence[Message]) -> list[str]:
    """The addresses of ours that a report can hold: of the envelope, and of what it returns."""
    values: list[str] = []
    for part in parts:
        if part.get_content_type() == "message/feedback-report":
            values += [_value(block, "Original-Mail-From") for block in _blocks(part)]
        elif part.get_content_type() in _ENCLOSED_TYPES:
            returned = next(iter(_blocks(part)), Message())
            values += [_value(returned, name) for name in ("Return-Path", "List-Unsubscribe")]
    return _addresses(values)


def _blocks(part: Message) -> Iterator[Message]:
    """The groups of fields of a part, whatever Python made of its body."""
    body = part.as_bytes().replace(b"\r\n", b"\n").partition(b"\n\n")[2]
    for block in re.split(rb"\n[ \t]*\n", _decoded(part, body).strip(b"\n"))[: _MOST_RECIPIENTS + 1]:
        yield BytesParser(policy=compat32).parsebytes(block.strip(b"\n") + b"\n\n", headersonly=True)


def _decoded(part: Message, body: bytes) -> bytes:
    encoding = _value(part, "Content-Transfer-Encoding").casefold()
    try:
        if encoding == "base64":
            return base64.b64decode(body, validate=False).replace(b"\r\n", b"\n")
    except binascii.Error:
        return body
    return quopri.decodestring(body) if encoding == "quoted-printable" else body


def _text(parts: Sequence[Message]) -> str:
    """What is written for people, at its beginning, and before the copy of our own message."""
    for part in parts:
        if part.get_content_type() == "text/plain":
            payload = part.get_payload(decode=True)
            body = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
            text = body[:_MAX_TEXT_CHARS].replace("\r\n", "\n")
            return _COPY.split(text)[0]
    return ""


def _subject(message: Message) -> str:
    value = _value(message, "Subject")
    try:
        return _one_line(str(make_header(decode_header(value))))
    except (ValueError, LookupError, binascii.Error):
        return value


def _value(message: Message, name: str) -> str:
    return _one_line(str(message.get(name, "") or ""))[:_MAX_VALUE_CHARS]


def _all_values(message: Message, names: Iterable[str]) -> list[str]:
    return [str(value)[:_MAX_VALUE_CHARS] for name in names for value in (message.get_all(name) or [])[:10]]


def _addresses(values: Iterable[str]) -> list[str]:
    found = [address for value in values for address in _ADDRESS.findall(value.replace("mailto:", " "))]
    return [*dict.fromkeys(found)][:_MOST_ADDRESSES]


def _one_line(value: str) -> str:
    return " ".join(value.replace("\x00", "").split())
