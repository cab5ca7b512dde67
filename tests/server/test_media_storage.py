"""A file is stored whole, or not at all."""

import errno
import os
import threading

import pytest
from django.core.files.base import ContentFile

from isthmus.server.media_storage import WholeFiles


class _EndsEarly(ContentFile):
    def chunks(self, chunk_size=None):
        yield b"half"
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_file_that_could_not_be_written_to_its_end_leaves_nothing(tmp_path):
    with pytest.raises(OSError, match="No space left"):
        WholeFiles(tmp_path).save("documents/report.pdf", _EndsEarly(b"half a report"))

    assert list((tmp_path / "documents").iterdir()) == []


def test_a_file_is_synced_before_it_has_its_name(tmp_path, monkeypatch):
    seen = []
    sync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (seen.append((tmp_path / "report.pdf").exists()), sync(handle)))

    name = WholeFiles(tmp_path).save("report.pdf", ContentFile(b"a report"))

    assert seen == [False, True]  # the file, then its directory
    assert (tmp_path / name).read_bytes() == b"a report"
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o644


def test_two_uploads_of_one_name_at_one_moment_are_two_files(tmp_path):
    storage, names, both = WholeFiles(tmp_path), [], threading.Barrier(2)

    class Slow(ContentFile):
        def chunks(self, chunk_size=None):
            both.wait(5)
            yield from super().chunks()

    def upload(content):
        names.append(storage.save("report.pdf", Slow(content)))

    threads = [threading.Thread(target=upload, args=[content]) for content in (b"one", b"two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(names)) == 2
    assert {(tmp_path / name).read_bytes() for name in names} == {b"one", b"two"}
