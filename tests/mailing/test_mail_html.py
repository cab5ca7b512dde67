"""The site's HTML as mail programs get it."""

from isthmus.mailing import mail_html

PUBLIC = "https://institute.example"


def test_every_address_is_a_whole_one():
    html = '<a href="/peninsula/">x</a><a href="//other.example/">y</a><a href="#fn-1">1</a><img src="/images/1.webp">'

    made = mail_html.for_mail(html, PUBLIC)

    assert 'href="https://institute.example/peninsula/"' in made
    assert 'src="https://institute.example/images/1.webp"' in made
    assert 'href="//other.example/"' in made
    assert 'href="#fn-1"' in made


def test_a_picture_is_no_wider_than_the_column():
    made = mail_html.for_mail('<img src="/a.webp" srcset="/b.webp 800w" width="800" height="400" alt="A pier">', PUBLIC)

    assert made == '<img src="https://institute.example/a.webp" alt="A pier" width="600">'


def test_what_is_embedded_becomes_a_link():
    made = mail_html.for_mail('<iframe src="https://video.example/1" title="The talk"></iframe>', PUBLIC)

    assert made == '<p><a href="https://video.example/1">The talk</a></p>'


def test_the_beginning_ends_where_a_paragraph_ends():
    body = "".join(f"<p>{number} <b>{'word ' * 20}</b></p>" for number in range(9))

    made = mail_html.beginning(body, max_chars=250)

    assert made.count("<p>") == made.count("</p>") == 2


def test_a_first_paragraph_that_is_too_long_is_cut_between_words():
    made = mail_html.beginning("<p>" + "word " * 500 + "</p>", max_chars=100)

    assert made.startswith("<p>word word")
    assert made.endswith("word …</p>")
    assert len(made) < 120


def test_marks_of_a_beginning_lead_to_the_page():
    assert mail_html.with_links_into('<a href="#fn-1">1</a>', "/p/") == '<a href="/p/#fn-1">1</a>'


def test_pictures_are_of_a_kind_that_every_program_shows():
    made = mail_html.for_mail(
        '<img src="/images/3/a1b2/800.webp" alt=""><img class="logo" src="/images/4/c3d4/96.webp" alt="">', PUBLIC
    )

    assert 'src="https://institute.example/images/3/a1b2/800.jpg"' in made
    assert 'src="https://institute.example/images/4/c3d4/96.png"' in made
