"""`isthmus chronology`: documents in, the same documents with their dates out; what was read, and reading it anew."""

from __future__ import annotations

import json

import pytest

from isthmus import cli
from isthmus.dossiers.models import Occurrence
from isthmus.kit.errors import IsthmusError
from isthmus.server.commands import chronology
from tests.dossiers import archive

DOCUMENT = {"id": "a", "dct": "2020-01-20", "text": "They met in June. By March 2021 they had fallen out."}


def _tagged(tmp_path, *lines):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("\n".join(lines), encoding="utf-8")
    assert cli.main(["chronology", "tag", str(source), str(target)]) == 0
    return [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]


def test_each_document_comes_back_with_its_dates_and_all_it_had(tmp_path):
    (document,) = _tagged(tmp_path, json.dumps(DOCUMENT | {"source": "kept"}))

    assert (document["id"], document["source"]) == ("a", "kept")
    assert [(one["text"], one["value"], one["edtf"]) for one in document["timex"]] == [
        ("June", "2019-06", "2019-06"),
        ("March 2021", "2021-03", "../2021-03"),
    ]
    assert all(document["text"][one["start"] : one["end"]] == one["text"] for one in document["timex"])


def test_what_a_date_leans_on_is_written_beside_it(tmp_path):
    (document,) = _tagged(tmp_path, json.dumps(DOCUMENT))

    june, march = document["timex"]
    assert (june["grade"], june["anchor"], june["first"], june["after"]) == (
        "publication", "2020-01-20", "2019-06-01", "2019-07-01",
    )  # fmt: skip
    assert (march["grade"], march["anchor"]) == ("stated", "")


@pytest.mark.parametrize("dct", [None, "", "unknown", "2020-13-40", 7, "20"])
def test_without_a_day_of_publication_nothing_relative_is_resolved(tmp_path, dct):
    (document,) = _tagged(tmp_path, json.dumps(DOCUMENT | {"dct": dct, "text": "They met yesterday."}))

    assert [(one["value"], one["edtf"]) for one in document["timex"]] == [("XXXX-XX-XX", "")]


def test_the_day_of_publication_may_have_an_hour_or_no_dashes():
    for dct in ("2020-01-20T10:30:00Z", "20200120"):
        assert chronology.timex(DOCUMENT | {"dct": dct})[0]["value"] == "2019-06"


def test_empty_lines_are_no_documents(tmp_path):
    assert len(_tagged(tmp_path, "", json.dumps(DOCUMENT), "", json.dumps(DOCUMENT))) == 2


@pytest.mark.parametrize("line", ["{", "[]", '{"id": "a"}', '{"text": 7}', "[" * 100_000])
def test_a_line_that_is_no_document_is_named_and_the_old_result_stays(tmp_path, line):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(json.dumps(DOCUMENT) + "\n" + line, encoding="utf-8")
    target.write_text("as it was", encoding="utf-8")

    with pytest.raises(IsthmusError, match="line 2"):
        chronology.run(cli.build_parser().parse_args(["chronology", "tag", str(source), str(target)]))

    assert target.read_text(encoding="utf-8") == "as it was"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


def test_other_languages_have_their_full_dates_read(tmp_path):
    (document,) = _tagged(
        tmp_path,
        json.dumps({"id": "k", "dct": "2020-01-20", "language": "ko", "text": "회담은 2019년 6월 30일 열렸다."}),
    )

    assert [one["value"] for one in document["timex"]] == ["2019-06-30"]


@pytest.fixture
def institute(settings, tmp_path, monkeypatch, transactional_db):
    """This run's own database in place of an institute's directory."""
    settings.DATA = tmp_path
    monkeypatch.setattr(chronology, "open_institute", lambda *_, **__: None)


def test_status_and_rebuild_say_how_much_was_read(institute, capsys):
    archive.subject("Orla Verin", is_open=False)
    archive.piece(archive.MEETING)

    assert cli.main(["chronology", "status"]) == 0
    assert "made of 0 of 1 publication; 1 change waits: the worker reads on." in capsys.readouterr().out
    assert cli.main(["chronology", "rebuild", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"n_read": 1}
    assert cli.main(["chronology", "status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "n_mined": 1, "n_visible": 1, "lag": 0, "n_stale": 0, "is_matched": True
    }  # fmt: skip
    assert Occurrence.objects.count() == 1
