from isthmus.demo.blocks import body_blocks, rich_text, with_links

IMAGES = {"chart.webp": 7}


def kinds(text: str) -> list[str]:
    return [block["type"] for block in body_blocks(text, image_ids=IMAGES)]


def only(text: str) -> object:
    (block,) = body_blocks(text, image_ids=IMAGES)
    return block["value"]


def test_prose_up_to_the_next_block_is_one_text():
    assert kinds("One.\n\n## Two\n\nThree.\n\n![A chart](chart.webp)\n\nFour.") == ["text", "image", "text"]


def test_picture_alone_on_its_line_becomes_a_picture_with_its_caption():
    assert only("![A chart, 2009–2026.](chart.webp)") == {"image": 7, "alt": "", "caption": "A chart, 2009–2026."}


def test_quote_with_a_source_is_set_apart():
    assert only("> The class is closed.\n>\n> — Law of *September 8*, Article 9") == {
        "text": "The class is closed.",
        "source": "Law of September 8, Article 9",
    }


def test_quote_without_a_source_stays_in_the_text():
    assert only("> The class is closed.") == "<blockquote>\n<p>The class is closed.</p>\n</blockquote>"


def test_table_keeps_caption_header_and_footnote_mark():
    value = only("Table: Calls & tests\n\n| Year | Calls |\n|:--|--:|\n| 2019 | 12 [^1] |\n| 2020 | A & B |")

    assert value["table_caption"] == "Calls & tests"
    assert value["data"] == [["Year", "Calls"], ["2019", "12 [^1]"], ["2020", "A & B"]]
    assert value["first_row_is_table_header"]


def test_column_with_a_repeated_entry_does_not_head_its_rows():
    value = only("| Year | Calls |\n|:--|--:|\n| 2019 | 1 |\n| 2019 | 2 |")

    assert not value["first_col_is_header"]


def test_table_with_links_stays_html_with_its_caption():
    (block,) = body_blocks("Table: Desks\n\n| Desk |\n|:--|\n| [Press](mailto:press@merrow.example) |", image_ids={})

    assert block["type"] == "html"
    assert "<caption>Desks</caption>" in block["value"]
    assert 'href="mailto:press@merrow.example"' in block["value"]


def test_footnotes_leave_the_text_and_keep_their_marks():
    text, notes = body_blocks("Scoured by the tide.[^a]\n\n[^a]: Except *Eider*.\n[^b]: More.\n", image_ids={})

    assert text["value"] == "<p>Scoured by the tide.[^a]</p>"
    assert [item["value"] for item in notes["value"]] == [
        {"label": "a", "text": "<p>Except <em>Eider</em>.</p>"},
        {"label": "b", "text": "<p>More.</p>"},
    ]


def test_links_name_the_numbers_of_pieces_and_pages():
    text = rich_text(
        "See [the pier](pub:the-pier), [us](/about/), [all](/people/) and [them](https://merrow.example/)."
    )

    assert with_links(text, publication_ids={"the-pier": 17}, page_ids={"about": 4}) == (
        '<p>See <a linktype="publication" id="17">the pier</a>, <a linktype="page" id="4">us</a>, '
        '<a href="/people/">all</a> and <a href="https://merrow.example/">them</a>.</p>'
    )


def test_link_to_a_piece_without_a_number_is_its_words():
    assert with_links(rich_text("[the pier](pub:the-pier)"), publication_ids={}, page_ids={}) == "<p>the pier</p>"


def test_script_in_a_text_does_not_get_in():
    assert rich_text("Calm.<script>alert(1)</script>") == "<p>Calm.</p>"
