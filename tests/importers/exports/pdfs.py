"""What `pdfs` says: PDFs by themselves, by a table beside them, a scan and a broken one."""

from isthmus.importers.source_item import Skipped, SourceAuthor, SourceItem, SourceMedia

SOURCE = "pdf"
ITEMS = [
    SourceItem(
        id="2019/2019-05-06-harbour_report-2.pdf",
        source="pdf",
        where="2019/2019-05-06-harbour_report-2.pdf:1",
        title="Harbour report 2",
        published="2019-05-06",
        language="en-GB",
        attachments=(
            SourceMedia(
                "2019/2019-05-06-harbour_report-2.pdf",
                title="Harbour report 2",
                type="application/pdf",
                local="2019/2019-05-06-harbour_report-2.pdf",
            ),
        ),
        doubts=(
            ("title from file name", "“harbour report 2”; a CSV beside the files can say better"),
            ("doubtful author", "the file names “user1”; left out"),
        ),
    ),
    Skipped("broken.pdf", "broken.pdf", "not read: it is damaged or no PDF"),
    SourceItem(
        id="letters.pdf",
        source="pdf",
        where="letters.pdf:1",
        title="Four Letters",
        published="2018-11-01",
        authors=(SourceAuthor("Alice Moore"), SourceAuthor("Bob Okoro")),
        categories=("Letters", "Ministers"),
        language="en-GB",
        summary="None was answered.",
        attachments=(SourceMedia("letters.pdf", title="Four Letters", type="application/pdf", local="letters.pdf"),),
    ),
    Skipped("gone.pdf", "list.csv:3", "the table names gone.pdf, which is not there"),
    SourceItem(
        id="scan.pdf",
        source="pdf",
        where="scan.pdf:1",
        title="Scan",
        language="en-GB",
        attachments=(SourceMedia("scan.pdf", title="Scan", type="application/pdf", local="scan.pdf"),),
        doubts=(
            ("title from file name", "“scan”; a CSV beside the files can say better"),
            ("no text", "the file holds pictures of pages and no text, as scans do"),
        ),
    ),
]
BODIES = {
    "2019/2019-05-06-harbour_report-2.pdf": "<p>A report of the harbour, whose title stands nowhere.</p>",
    "letters.pdf": "<p>Four letters were written and none was answered.</p>",
}
