"""Lists that leave the admin as files, noted for the audit log: ours and Wagtail's, and none can be forgotten."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase

from isthmus.publications.audit import actions as audit
from isthmus.publications.audit.kinds import Act

_TABLES = ("text/csv", "application/json", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
_OK = 200


def noted(request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
    """The same answer; an entry of the log first, where it is a table or somebody's data to be kept.

    The words of a filter are left out: they may be a subscriber's address.
    """
    says = answer.headers
    is_file = says.get("Content-Disposition", "").startswith("attachment")
    is_whole = request.method == "GET" and answer.status_code == _OK
    if is_whole and is_file and says.get("Content-Type", "").startswith(_TABLES):
        audit.note(Act.EXPORTED, said=request.path_info)
    return answer
