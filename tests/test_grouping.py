"""What stands on one site is looked at by one process."""

from tests.grouping import group_of


def test_stories_of_one_site_stay_together_and_other_files_by_themselves():
    assert group_of("tests/stories/test_demo.py::test_a") == group_of("tests/stories/test_search.py::test_b[x::y]")
    assert group_of("tests/stories/test_editor.py::test_a") == group_of("tests/stories/test_campaign.py::test_b")
    assert group_of("tests/stories/test_demo.py::test_a") != group_of("tests/stories/test_editor.py::test_a")
    assert group_of("tests/server/test_deploy.py::test_a[one]") == "tests/server/test_deploy.py"
