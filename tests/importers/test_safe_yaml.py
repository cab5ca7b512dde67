from __future__ import annotations

import pytest

from isthmus.importers import safe_yaml


def test_texts_stay_as_printed() -> None:
    words = "date: 2016-08-02 10:00:00 -0400\ndraft: no\nn: 1_000\nquoted: 'null'\nnone: null\nlist: [x, yes]\n"

    assert safe_yaml.load(words) == {
        "date": "2016-08-02 10:00:00 -0400", "draft": "no", "n": "1_000", "quoted": "null", "none": "",
        "list": ["x", "yes"],
    }  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        "a: &a [*a]",
        "a: [",
        "a:\tb: c",
        "[" * 5000,
        "a: !!python/object/apply:os.system [x]\nb: [",
        "l0: &l0 [x]\n" + "".join(f"l{n}: &l{n} [{','.join([f'*l{n - 1}'] * 10)}]\n" for n in range(1, 9)),
    ],
)
def test_what_is_no_yaml_or_a_bomb_is_refused(words: str) -> None:
    with pytest.raises(safe_yaml.YamlRefused):
        safe_yaml.load(words)


def test_a_tag_makes_no_object() -> None:
    assert safe_yaml.load("a: !!python/object/apply:os.system [x]") == {"a": ["x"]}
