"""Every address of the admin, and the lowest role that gets in: an address without a line here fails.

Asked about what belongs to a colleague: a draft in review, a picture, a file, a page, another login. What needs a
filled-in form answers 200 or 500 to an empty one; only whether somebody gets past the door is looked at.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import PIL.Image
import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from tests import makers
from tests.publications.editing.people import browser_of, user
from tests.server.second_factor.phone import enrol, is_in, log_in

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ROLES = ("nobody", "author", "editor", "publisher", "administrator")

# Where those are sent who may not.
AWAY = ("/admin/", "/admin/login/", "/admin/second-step/")
# What opens to whoever has given a password and still owes the second step; for everything else they are nobody.
OPEN_TO_HALF = {"isthmus_second_step"}

# Namespace: names. "~" is "isthmus_publications_"; "-" is no namespace. "missing" answers 404 or 405 to everybody.
TABLE = {
    "nobody": """
        -: wagtailadmin_javascript_catalog wagtailadmin_login wagtailadmin_password_reset
            wagtailadmin_password_reset_complete wagtailadmin_password_reset_confirm wagtailadmin_password_reset_done
            wagtailadmin_sprite
    """,
    "author": """
        -: isthmus_second_step_mine isthmus_second_step_remove isthmus_second_step_renew isthmus_second_step_set_up
        -: wagtail_bulk_action wagtailadmin_account wagtailadmin_choose_page wagtailadmin_choose_page_anchor_link
            wagtailadmin_choose_page_child wagtailadmin_choose_page_chosen_multiple wagtailadmin_choose_page_email_link
            wagtailadmin_choose_page_external_link wagtailadmin_choose_page_phone_link wagtailadmin_choose_page_search
            wagtailadmin_dismissibles wagtailadmin_error_test wagtailadmin_home wagtailadmin_tag_autocomplete
        wagtailadmin_api:documents: listing
        wagtailadmin_api:images: listing
        wagtailadmin_api:pages: listing
        wagtailadmin_editing_sessions: release
        wagtailadmin_pages: collect_workflow_action_data confirm_workflow_cancellation move_confirm revisions_index
            workflow_action
        wagtailadmin_workflows: task_chooser task_chooser_create task_chooser_results task_chosen
        wagtaildocs: add add_multiple index index_results
        wagtaildocs_chooser: choose choose_results chosen_multiple create
        wagtailembeds: chooser chooser_upload
        wagtailimages: add add_multiple index index_results
        wagtailimages_chooser: choose choose_results chosen_multiple create
        wagtailsnippetchoosers_~category: choose choose_results chosen chosen_multiple
        wagtailsnippetchoosers_~categoryaxis: choose choose_results chosen chosen_multiple
        wagtailsnippetchoosers_~person: choose choose_results chosen chosen_multiple
        wagtailsnippetchoosers_~publication: choose choose_results chosen_multiple create
        wagtailsnippetchoosers_~series: choose choose_results chosen chosen_multiple
        wagtailsnippets_~publication: add list list_results preview_on_add
    """,
    "editor": """
        -: isthmus_campaign isthmus_campaign_preview isthmus_campaign_test isthmus_mail_charts isthmus_mailing
            isthmus_mailing_counts isthmus_mailings isthmus_searches isthmus_searches_results
            isthmus_readership isthmus_readership_csv isthmus_readership_piece
            isthmus_import isthmus_import_file isthmus_imports
            isthmus_decisions isthmus_report_settle isthmus_reports isthmus_review isthmus_review_decide
            isthmus_review_one isthmus_subject isthmus_subject_add isthmus_subject_merge isthmus_subject_split
            isthmus_subjects isthmus_suggestion_decide isthmus_suggestions isthmus_suggestions_decide
            isthmus_tone_word_forget isthmus_tone_word_keep isthmus_tone_words isthmus_tone_words_restore
        wagtailsnippets_isthmus_dossiers_nameddate: add delete edit history history_results list list_results usage
        wagtailsnippets_isthmus_search_pin: add delete edit history history_results list list_results usage
        wagtailsnippets_isthmus_search_synonymset: add delete edit history history_results list list_results usage
        wagtailsnippets_isthmus_mailing_campaign: add copy delete edit history history_results list list_results usage
        -: wagtailadmin_explore wagtailadmin_explore_results wagtailadmin_explore_root
        wagtailadmin_api:documents: detail
        wagtailadmin_api:images: detail
        wagtailadmin_api:pages: detail
        wagtailadmin_editing_sessions: ping
        wagtailadmin_pages: add add_subpage copy delete edit history history_results move preview_on_add preview_on_edit
            revisions_compare revisions_revert revisions_view search search_results type_use type_use_results usage
            view_draft workflow_history
        wagtailadmin_reports: aging_pages aging_pages_results page_types_usage page_types_usage_results site_history
            site_history_results workflow workflow_results workflow_tasks workflow_tasks_results
        wagtaildocs: delete delete_multiple document_usage edit edit_multiple
        wagtaildocs_chooser: chosen
        wagtailimages: delete delete_multiple edit edit_multiple image_usage preview
        wagtailimages_chooser: chosen select_format
        wagtailsnippetchoosers_~category: create
        wagtailsnippetchoosers_~categoryaxis: create
        wagtailsnippetchoosers_~person: create
        wagtailsnippetchoosers_~publication: chosen
        wagtailsnippetchoosers_~series: create
        wagtailsnippets_~category: add delete edit history history_results list list_results usage
        wagtailsnippets_~categoryaxis: add delete edit history history_results list list_results usage
        wagtailsnippets_~person: add delete edit history history_results list list_results usage
        wagtailsnippets_~publication: confirm_workflow_cancellation copy delete edit history history_results
            preview_on_edit revisions_compare revisions_revert revisions_view usage workflow_history
            workflow_history_detail
        wagtailsnippets_~series: add delete edit history history_results list list_results usage
    """,
    "publisher": """
        -: isthmus_import_release
        -: isthmus_campaign_again isthmus_campaign_schedule isthmus_campaign_send isthmus_mailing_cancel
            isthmus_mailing_csv isthmus_mailing_pause isthmus_mailing_people isthmus_mailing_resume
            isthmus_returned isthmus_returned_lift isthmus_suppressions isthmus_suppressions_add
            isthmus_subscriber isthmus_subscriber_data isthmus_subscriber_erase isthmus_subscriber_lift
            isthmus_subscriber_suppress isthmus_subscribers isthmus_subscribers_csv isthmus_subscribers_import
            isthmus_suppressions_lift isthmus_subject_open
        wagtailadmin_pages: lock revisions_unschedule set_page_position set_privacy unlock
        wagtailadmin_reports: locked_pages locked_pages_results
        wagtailsnippets_~publication: collect_workflow_action_data lock revisions_unschedule unpublish workflow_action
            workflow_preview
    """,
    "administrator": """
        wagtailsettings: edit
        -: isthmus_audit isthmus_audit_results isthmus_mailbox isthmus_returned_message isthmus_second_step_of
        wagtailadmin_collections: add delete edit index set_privacy
        wagtailadmin_workflows: add disable disable_task edit edit_task enable enable_task index index_results remove
            select_task_type task_index task_index_results usage usage_results
        wagtailsites: add copy delete edit history history_results index index_results usage
        wagtailsnippets_~publication: unlock
        wagtailusers_groups: add delete edit history history_results index index_results usage
        wagtailusers_users: add copy delete edit history history_results index index_results usage
    """,
    "missing": """
        -: isthmus_mail isthmus_mail_frame isthmus_second_step wagtailadmin_block_preview wagtailadmin_logout
            wagtailadmin_tag_model_autocomplete
        wagtailadmin_api:documents: find
        wagtailadmin_api:images: find
        wagtailadmin_api:pages: action find
        wagtailadmin_pages: choose_parent convert_alias unpublish workflow_history_detail workflow_preview
        wagtailadmin_workflows: add_task
        wagtaildocs: create_multiple_from_uploaded_document delete_upload_multiple
        wagtailimages: create_multiple_from_uploaded_image delete_upload_multiple url_generator url_generator_output
        wagtailsettings: preview_on_edit
        wagtailsnippets: index
    """,
}


def classified() -> dict[str, str]:
    """Name of a route to the lowest role that gets in."""
    found = {}
    for role, text in TABLE.items():
        namespace = ""
        for word in text.replace("~", "isthmus_publications_").split():
            if word.endswith(":"):
                namespace = "" if word == "-:" else word
            else:
                found[namespace + word] = role
    return found


def routes(patterns: Any, prefix: str = "", namespace: str = "") -> Iterator[tuple[str, str, Any]]:
    """Address, name with namespaces and pattern of everything that can be asked for."""
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern.url_patterns, address, inner)
        elif address.startswith("admin/") and pattern.name:
            yield address, namespace + pattern.name, pattern


@pytest.fixture
def values(db: None) -> dict[str, Any]:
    """What fills the gaps of addresses; `pk` by the namespace it stands in."""
    from django.contrib.auth.models import Group
    from wagtail.models import Collection, Site, Workflow

    from isthmus.dossiers.models import Alias, ErrorReport, NamedDate, Subject, Suggestion, ToneWord
    from isthmus.importers.models import ImportRun
    from isthmus.kit import clock
    from isthmus.mailing.models import Campaign, Mailing, Returned, Subscriber, Suppression
    from isthmus.publications import setup
    from isthmus.publications.models import Document, HomePage, Image, Publication, SiteSettings, StandardPage
    from isthmus.search.models import Pin, SynonymSet

    setup.prepare_site("The Merrow Institute")
    colleague = user("colleague", "editor")
    stored = io.BytesIO()
    PIL.Image.new("RGB", (900, 600)).save(stored, "PNG")
    image = Image.objects.create(title="P", file=ContentFile(stored.getvalue(), "p.png"), uploaded_by_user=colleague)
    document = Document.objects.create(title="D", file=ContentFile(b"%PDF", "d.pdf"), uploaded_by_user=colleague)
    of_piece = {"people": (makers.person(),), "series": makers.series(), "categories": (makers.category(),)}
    piece = makers.edited(makers.draft(owner=colleague, lead_image=image, **of_piece), summary="Twice.")
    workflow = Workflow.objects.get(name="Review")
    state = workflow.start(piece.get_latest_revision_as_object(), colleague)
    page = StandardPage(title="Method", slug="method", live=False)
    home = HomePage.objects.get()
    home.add_child(instance=page)
    collection = Collection.get_first_root_node().add_child(name="c")
    SiteSettings.objects.get_or_create()
    category = of_piece["categories"][0]
    campaign = Campaign.objects.create(title="Letter", owner=colleague)
    moment = {"created_at": clock.now(), "starts_at": clock.now()}
    mailing = Mailing.objects.create(key="alert:pub:1", kind="alert", title="Alert", **moment)
    carol = Subscriber.objects.create(email="carol@example.org", created_at=clock.now())
    returned = Returned.objects.create(kind="unknown", source="pipe", raw=b"x", digest="0", at=clock.now())
    suppression = Suppression.objects.create(address_hash="0", reason="editor", at=clock.now())
    subject = Subject.objects.create(kind="person", name="Orla Verin", slug="orla-verin")
    report = ErrorReport.objects.create(about="occurrence", key="0" * 32, words="No.", at=clock.now())
    named_date = NamedDate.objects.create(name="the Talks", first_on="2019-03-04", last_on="2019-03-04")
    return {
        "pk": {
            "_publication": piece.pk, "_series": of_piece["series"].pk, "_person": of_piece["people"][0].pk,
            "_category": category.pk, "_categoryaxis": category.axis_id, "users": colleague.pk,
            "groups": Group.objects.first().pk, "sites": Site.objects.first().pk,
            "settings": SiteSettings.objects.get().pk, "_campaign": campaign.pk,
            "_synonymset": SynonymSet.objects.create(terms="DPRK, North Korea").pk,
            "_nameddate": named_date.pk, "_readership_piece": piece.pk,
            "_pin": Pin.objects.create(question="sanctions", first=piece).pk,
            "workflows": workflow.pk, "collections": collection.pk, "pages": page.pk, "documents": document.pk,
            "docs": document.pk, "images": image.pk,
        },
        "revision": {"pages": page.save_revision().pk, "": Publication.objects.get(pk=piece.pk).revisions.first().pk},
        "document_id": document.pk, "doc_id": document.pk, "image_id": image.pk, "page_id": page.pk, "page_pk": page.pk,
        "parent_page_id": home.pk, "page_to_move_id": page.pk, "destination_id": home.pk, "object_id": str(piece.pk),
        "collection_id": collection.pk, "workflow_pk": workflow.pk, "workflow_state_id": state.pk,
        "task_state_id": state.current_task_state.pk, "task_id": state.current_task_state.task_id,
        "task_pk": state.current_task_state.task_id, "uploaded_file_id": 1, "session_id": 1, "version": "0",
        "width": 800, "campaign_id": campaign.pk, "mailing_id": mailing.pk, "subscriber_id": carol.pk,
        "subject_id": subject.pk, "alias_id": Alias.objects.create(subject=subject, text="Verin").pk, "key": report.key,
        "suggestion_id": Suggestion.objects.create(key="han", text="Han", kind="person").pk, "report_id": report.pk,
        "tone_word_id": ToneWord.objects.create(word="hail", tone="warm").pk, "returned_id": returned.pk,
        "suppression_id": suppression.pk, "user_id": colleague.pk,
        "run_id": ImportRun.objects.create(pk="20260301-1", path="a.xml", state="released", started_at=clock.now()).pk,
        "action_name": "approve", "action": "release", "filter_spec": "width-100", "name": "x", "uidb64": "x",
        "token": "y", "app_label": "isthmus_publications", "model_name": "publication",
        "app_name": "isthmus_publications", "content_type_app_name": "isthmus_publications",
        "content_type_model_name": "standardpage",
    }  # fmt: skip


def url_of(address: str, name: str, pattern: Any, values: dict[str, Any]) -> str:
    """The address with every gap filled."""
    gaps = {}
    for gap in pattern.pattern.converters or pattern.pattern.regex.groupindex:
        space = name.rpartition(":")[0].removesuffix("_chooser") or name
        if gap == "pk":
            key = max((key for key in values["pk"] if space.endswith(key)), key=len)
            gaps[gap] = values["task_pk"] if name.endswith("_task") else values["pk"][key]
        elif gap.startswith("revision_id"):
            gaps[gap] = values["revision"]["pages" if "pages" in space else ""]
        else:
            gaps[gap] = "sitesettings" if gap == "model_name" and "settings" in space else values[gap]
    try:
        return reverse(name, kwargs=gaps)
    except NoReverseMatch:
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda gap: str(gaps[gap[1]]), address)


def gets_in(browser: Client, url: str) -> bool:
    """Whether the view did its work, by GET or where it takes none by POST; nothing of it stays."""
    answer: Any = browser.get(url)
    if "/settings/" in url and answer.headers.get("Location", "").startswith(url):
        # The settings lead on to their one row, and only there ask who is there.
        answer = browser.get(answer["Location"])
    if answer.status_code == 405:
        with transaction.atomic():
            answer = browser.post(url)
            transaction.set_rollback(True)
    is_sent_away = answer.headers.get("Location", "").partition("?")[0] in (
        "/admin/",
        "/admin/login/",
        "/admin/second-step/",
    )
    return not is_sent_away and answer.status_code not in (403, 404, 405)


def test_every_address_of_the_admin_has_a_line_in_the_table():
    named = {name for _, name, _ in routes(get_resolver().url_patterns)}

    assert named == set(classified())


def test_each_address_opens_to_its_role_and_to_none_below(values: dict[str, Any]):
    people = {role: user(role, role) for role in ROLES[1:]}
    wrong = []

    for address, name, pattern in routes(get_resolver().url_patterns):
        lowest = classified().get(name, "missing")
        asked = ROLES if lowest == "missing" else ROLES[max(0, ROLES.index(lowest) - 1) : ROLES.index(lowest) + 1]
        for role in asked:
            browser = browser_of(people[role]) if role in people else Client()
            browser.raise_request_exception = False
            expected = lowest != "missing" and ROLES.index(role) >= ROLES.index(lowest)
            if gets_in(browser, url_of(address, name, pattern, values)) is not expected:
                wrong.append((name, role, "kept out" if expected else "let in"))

    assert wrong == []


def test_whoever_owes_the_second_step_gets_in_nowhere_but_there(values: dict[str, Any]):
    boss = user("boss", "administrator")
    enrol(log_in(boss.email, password="long enough to pass"))
    browser = log_in(boss.email, password="long enough to pass")
    browser.raise_request_exception = False
    opened = set()

    for address, name, pattern in routes(get_resolver().url_patterns):
        if gets_in(browser, url_of(address, name, pattern, values)):
            opened.add(name)

    # The login itself leads on to the code.
    nobody = {name for name, role in classified().items() if role == "nobody"} - {"wagtailadmin_login"}
    assert opened == nobody | OPEN_TO_HALF
    assert not is_in(browser)
