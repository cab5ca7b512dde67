"""What `report.pdf` says: PDFs by themselves, by a table beside them, a scan and a broken one."""
# ruff: noqa: E501 -- bodies as they stand

from isthmus.importers.source_item import SourceAuthor, SourceItem, SourceMedia

SOURCE = "pdf"
ITEMS = [
    SourceItem(
        id="report.pdf",
        source="pdf",
        where="report.pdf:1",
        title="Ferries and Fog",
        authors=(SourceAuthor("Alice Moore"),),
        language="en-GB",
        attachments=(SourceMedia("report.pdf", title="Ferries and Fog", type="application/pdf", local="report.pdf"),),
        doubts=(("no date", "the file says only when it was made (20190304), not when published"),),
    ),
]
BODIES = {
    "report.pdf": "<p>Ferries and Fog</p><p>by Alice Moore</p><p>The ferries have not sailed since the autumn, and nobody expects them.</p>",
}
