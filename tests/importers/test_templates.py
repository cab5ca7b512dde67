"""Tags of Hugo and Liquid in Markdown: what they meant is put in, code is left alone, nothing takes long."""

from __future__ import annotations

import time

import pytest

from isthmus.importers.bodies import hugo_shortcodes, liquid


def _hugo(markdown: str) -> tuple[str, list[tuple[str, str]]]:
    said: list[tuple[str, str]] = []
    pages = {"a.md": "/2019/a/"}
    words = hugo_shortcodes.to_markdown(
        markdown, resolve=lambda name: pages.get(name, ""), warn=lambda *one: said.append(one)
    )
    return words, said


def _liquid(markdown: str) -> tuple[str, list[tuple[str, str]]]:
    said: list[tuple[str, str]] = []
    words = liquid.to_markdown(
        markdown,
        values={"image": "/assets/x.png", "title": "A"},
        resolve=lambda name: f"/{name}/",
        warn=lambda *one: said.append(one),
    )
    return words, said


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ('[a]({{< ref "a.md" >}})', "[a](/2019/a/)"),
        ('<a href="{{% relref "a.md" %}}">', '<a href="/2019/a/">'),
        ('[x]({{< tmp "events/x.md" >}})', "[x](events/x.md)"),
        ('{{< img src=x.png alt="A > B" >}}', '<img src="x.png" alt="A &gt; B">'),
        ('{{< button href="https://x.org" text="Go" >}}', "[Go](https://x.org)"),
        ("{{< box >}}\nIn\n{{< /box >}}", "\nIn\n"),
        ('{{< accordion title="T" >}}In{{< /accordion >}}', "**T**\n\nIn"),
        ('{{< quote-block text="Q" cite="C" >}}', "> Q\n>\n> — C"),
        ('{{< tweet user="u" id="1" >}}', "<https://twitter.com/u/status/1>"),
        ("```\n{{< ref >}}\n```", "```\n{{< ref >}}\n```"),
        ("`{{< x >}}` {{</* y */>}}", "`{{< x >}}` {{< y >}}"),
        ("{{< highlight go >}}\na := `b`\n{{< /highlight >}}", "\n```go\na := `b`\n```\n"),
    ],
)
def test_a_shortcode_becomes_what_it_showed(markdown: str, expected: str) -> None:
    assert _hugo(markdown)[0] == expected


def test_of_an_unknown_shortcode_the_words_stay_and_it_is_named() -> None:
    words, said = _hugo('{{< odd >}}Inside{{< /odd >}} {{< odder title="T" >}} {{< oddest x="1" >}}')

    assert words == "Inside T "
    assert said == [("unknown shortcode", "odd"), ("unknown shortcode", "oddest")]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("[a]({{ site.baseurl }}/b)", "[a](/b)"),
        ("[a]({{site.baseurl}}b)", "[a](/b)"),
        ("[a]({{ site.url }}{% post_url 2015-01-01-x %})", "[a](/2015-01-01-x/)"),
        ("{{ '/a' | relative_url }}", "/a"),
        ("![x]({{ image | url }})", "![x](/assets/x.png)"),
        ("{{ page.title }}", "A"),
        ('{% image_with_class "a/b.png" "wide" "Alt" %}', '<img src="/a/b.png" alt="Alt">'),
        (
            '{% include figure.html src="/b.png" caption="C *d*" %}',
            '<figure><img src="/b.png" alt=""><figcaption>C <em>d</em></figcaption></figure>\n\n',
        ),
        ("{% comment %}no{% endcomment %}a", "a"),
        ("{% if x %}a{% else %}b{% endif %}", "a"),
        ("{% for p in site.posts %}{{ p.title }}{% endfor %}b", "b"),
        ("{% raw %}{{ kept }} {% kept %}{% endraw %}", "{{ kept }} {% kept %}"),
        ("`{{ kept }}`\n\n~~~\n{% raw %}{{ kept }}{% endraw %}\n~~~", "`{{ kept }}`\n\n~~~\n{{ kept }}\n~~~"),
    ],
)
def test_a_tag_of_liquid_becomes_what_it_showed(markdown: str, expected: str) -> None:
    assert _liquid(markdown)[0] == expected


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("A\n{:.wide}\n", "A\n\n"),
        ('[a](b){:target="_blank"} and ![c](d){width=40 .x}', "[a](b) and ![c](d)"),
        ("## Say {#say}", '## <a id="say"></a>Say'),
        ("## Say {#say} more", '## <a id="say"></a>Say more'),
        ("* TOC\n{:toc}\n\nB", "\n\nB"),
        ("`{:x}` and {a: b} and {x}", "`{:x}` and {a: b} and {x}"),
    ],
)
def test_lists_of_attributes_go(markdown: str, expected: str) -> None:
    assert liquid.without_attributes(markdown) == expected


@pytest.mark.slow
@pytest.mark.parametrize(
    "part",
    ["{{< ", "{% ", "{{ '", '{{< a "', "`", "{% for x %}", "{% if a %}{% else %}", "{#", "```\n", "{{% a `", "<pre>"],
)
def test_no_body_takes_long(part: str) -> None:
    body = part * (30_000 // len(part))
    start = time.process_time()

    _liquid(_hugo(body)[0])
    liquid.without_attributes(body)

    # The reading process may use 20 s for an item.
    assert time.process_time() - start < 10
