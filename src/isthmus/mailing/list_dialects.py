"""Lists as other systems write them, read as ours: Mailchimp, MailPoet, Mailman, Ghost, listmonk.

What they say of consent is kept with its date; where they say no date, the person comes in as pending, which is written
to only after confirming here. Who left, bounced or complained there is not written to here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_EMAIL = ("email", "email_address", "e_mail", "subscribed_address", "subscriber_email")
# Mailchimp's file of customers who never asked for mail; nothing inside tells it from that of subscribers.
_NEVER_ASKED = "nonsubscribed"
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?)?\s*(Z|UTC|[+-]\d\d(?::?\d\d)?)?(?:\s+UTC)?\s*",
    re.IGNORECASE,
)
_LEFT = frozenset(["unsubscribed", "by_user", "unsubscribe", "disabled", "left", "deleted", "archived", "[u]", "u"])
_BOUNCED = frozenset(["bounced", "by_bounces", "bounce", "cleaned", "hard_bounced", "[b]", "b"])
_COMPLAINED = frozenset(["complained", "complaint", "spam", "abuse", "spam_complaint"])
_BARRED = frozenset(["blocklisted", "by_moderator", "blacklisted", "blocked", "[a]", "a"])
_WAITING = frozenset(["unconfirmed", "pending", "optin", "not_confirmed"])
# Columns that only one system writes, its name, and what its list says of how people agreed.
_SYSTEMS = (
    ({"member_rating", "leid", "euid", "optin_time", "confirm_time", "clean_time", "unsub_time"}, "Mailchimp"),
    ({"subscribed_to_emails", "complimentary_plan", "stripe_customer_id"}, "Ghost"),
    ({"uuid", "attributes", "attribs"}, "listmonk"),
    ({"global_status", "list_status", "list_name", "confirmed_ip", "subscribed_ip"}, "MailPoet"),
    ({"subscribed_address", "nomail", "nodupes", "delivery_status", "delivery_mode"}, "Mailman"),
)
READ = frozenset(
    """
    first_name last_name name display_name real_name optin_time confirm_time confirmed_at created_at subscribed_at
    subscribed_on subscription_date unsub_time clean_time updated_at status global_status list_status
    subscribed_to_emails deleted_at nomail delivery_status moderation_action
    """.split()  # noqa: SIM905 -- quotes would hide the names
)


def column(written: str) -> str:
    """A column's name as it is looked for here: small letters, one sign between words; the address is `email`."""
    name = re.sub(r"[\s\-/]+", "_", written.strip().lower())
    return "email" if name in _EMAIL else name


def columns(written: list[str]) -> list[str]:
    """The names of all columns. "Address" is of mail only where no other is: Mailchimp keeps streets in it."""
    names = [column(name) for name in written]
    return names if "email" in names else ["email" if name == "address" else name for name in names]


def system_of(names: frozenset[str]) -> str:
    """Which system wrote a list with these columns; empty for ours and for one we do not know."""
    if "consent_at" in names or "subjects" in names:
        return ""
    return next((name for marks, name in _SYSTEMS if marks & names), "")


def ours(values: Mapping[str, str], system: str, *, file_name: str = "") -> dict[str, str]:
    """A row of that system's list in our columns."""
    cell = values.get
    row = {"email": cell("email", ""), "name": _name(values)}
    state, suppressed = _standing(values)
    agreed = moment(_first(values, "confirm_time", "confirmed_at", "optin_time", *_BEGUN))
    if state == "confirmed" and (not agreed or file_name.lower().startswith(_NEVER_ASKED)):
        state = "pending"
    row |= {"state": state, "suppressed": suppressed}
    if suppressed:
        row["suppressed_at"] = moment(_first(values, "clean_time", "unsub_time"))
    if state == "confirmed":
        row |= {"consent_at": agreed, "consent_how": f"subscribed in {system}"}
    return {name: value for name, value in row.items() if value}


_BEGUN = ("subscribed_at", "subscribed_on", "subscription_date", "created_at")


def _first(values: Mapping[str, str], *names: str) -> str:
    return next((values[name].strip() for name in names if values.get(name, "").strip()), "")


def _name(values: Mapping[str, str]) -> str:
    parts = " ".join(filter(None, (values.get("first_name", "").strip(), values.get("last_name", "").strip())))
    return _first(values, "name", "display_name", "real_name") or parts


def _standing(values: Mapping[str, str]) -> tuple[str, str]:
    """Our state and the reason of a suppression, from whatever the system says of the person."""
    said = {
        re.sub(r"[\s\-]+", "_", values.get(name, "").strip().lower())
        for name in ("status", "global_status", "list_status", "delivery_status", "nomail")
    }
    if said & _COMPLAINED:
        return "left", "complaint"
    if said & _BOUNCED or values.get("clean_time", "").strip():
        return "left", "hard_bounce"
    if said & _BARRED:
        return "left", "imported"
    is_off = values.get("subscribed_to_emails", "").strip().lower() in ("false", "no", "0")
    if said & _LEFT or is_off or values.get("unsub_time", "").strip() or values.get("deleted_at", "").strip():
        return "left", ""
    return ("pending", "") if said & _WAITING else ("confirmed", "")


def moment(written: str) -> str:
    """A time as these systems write it, in UTC where they name no zone; what is none stays as it is, to be named."""
    found = _MOMENT.fullmatch(written)
    if not found or not found[2]:
        return found[1] if found else written
    zone = (found[3] or "Z").upper().replace("UTC", "Z")
    # PostgreSQL writes whole hours without minutes.
    minutes = ":00" if len(zone) == len("+00") else ""
    return f"{found[1]}T{found[2]}{zone}{minutes}"
