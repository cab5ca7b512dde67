"""Pictures that stand in the tree itself: in a page's own folder, in Ghost's content folder, beside a saved page."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image as Pictures

from isthmus.importers import actions
from isthmus.publications.models import Publication

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def _picture(colour: str) -> bytes:
    out = BytesIO()
    Pictures.new("RGB", (40, 30), colour).save(out, "PNG")
    return out.getvalue()


def _shown(title: str) -> list[str]:
    piece = Publication.objects.get(title=title)
    return [block["type"] for block in piece.body.raw_data]


def test_a_page_bundle_brings_its_pictures(tmp_path: Path) -> None:
    folder = tmp_path / "site" / "content" / "posts" / "fog"
    folder.mkdir(parents=True)
    (tmp_path / "site" / "hugo.toml").write_text('baseURL = "https://narrows.example.org/"\n')
    (folder / "fog.png").write_bytes(_picture("grey"))
    head = "---\ntitle: Fog\ndate: 2019-03-11\ncover:\n  image: fog.png\n---\n"
    (folder / "index.md").write_text(f'{head}Text.\n\n{{{{< figure src="fog.png" alt="Fog" caption="Sea" >}}}}\n')

    actions.run_import(tmp_path / "site")

    piece = Publication.objects.get(title="Fog")
    assert piece.lead_image is not None
    assert "image" in _shown("Fog")


def test_ghosts_own_zip_brings_its_pictures(tmp_path: Path) -> None:
    post = {
        "id": "1", "uuid": "u", "title": "Letters", "slug": "letters", "type": "post", "status": "published",
        "published_at": "2019-03-11T00:00:00.000Z", "feature_image": "__GHOST_URL__/content/images/2019/03/l.png",
        "html": '<p>Text.</p><figure class="kg-card"><img src="__GHOST_URL__/content/images/2019/03/m.png"></figure>',
    }  # fmt: skip
    export = {"db": [{"meta": {"exported_on": 1, "version": "5.0.0"}, "data": {"posts": [post], "users": []}}]}
    with zipfile.ZipFile(tmp_path / "site.zip", "w") as packed:
        packed.writestr("site.ghost.json", json.dumps(export))
        packed.writestr("content/images/2019/03/l.png", _picture("red"))
        packed.writestr("content/images/2019/03/m.png", _picture("blue"))

    report = actions.run_import(tmp_path / "site.zip")

    assert report.counts["skipped"] == 0, report.skipped
    assert Publication.objects.get(title="Letters").lead_image is not None
    assert "image" in _shown("Letters")


def test_a_pdf_is_attached_with_its_text(tmp_path: Path) -> None:
    exports = Path(__file__).parent / "exports"
    (tmp_path / "report.pdf").write_bytes((exports / "report.pdf").read_bytes())

    actions.run_import(tmp_path)

    piece = Publication.objects.get(title="Ferries and Fog")
    assert [one.title for one in piece.attachments.all()] == ["Ferries and Fog"]
    assert "not sailed since the autumn" in json.dumps(list(piece.body.raw_data))
