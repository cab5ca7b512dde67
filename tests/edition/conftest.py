"""An edition that is kept, as on a machine that serves; it goes with the test."""

import shutil

import pytest


class Kept:
    """The edition of a test, and the keepers that a worker would run."""

    def __init__(self):
        # Models can be imported when Django is set up, which is after this file is read.
        from isthmus.dossiers.keeper import Keeper as DossiersKeeper
        from isthmus.edition import editions
        from isthmus.edition.keeper import Keeper

        self.keeper, self.dossiers, self.shelf = Keeper(), DossiersKeeper(), editions.shelf()

    @property
    def store(self):
        return self.shelf.current()

    def follow(self):
        """Let the keepers do all they have to do."""
        while self.keeper.tick() or self.dossiers.tick():
            pass

    def keep(self, *keys):
        """Have these pages kept, as a first reader would."""
        from isthmus.edition import rendering

        return [self.store.put(rendering.render(key).page) for key in keys]

    def stale(self, *, now=None):
        """The keys of pages that a rendering of now would give other bytes or headers."""
        from isthmus.edition import rendering

        wrong = []
        for key in list(self.store.keys()):
            kept, fresh = self.store.get(key, now=now), rendering.render(key).page
            if kept is not None and (fresh is None or _shown(kept) != _shown(fresh)):
                wrong.append(key)
        return wrong


def _shown(page):
    headers = {name: value for name, value in page.headers if name != "Surrogate-Key"}
    return (page.content, page.places, headers, page.file, page.etag if page.file else "")


@pytest.fixture
def edition(db):
    """An edition without a page, kept."""
    kept = Kept()
    shutil.rmtree(kept.shelf.root, ignore_errors=True)
    kept.keeper.tick()
    yield kept
    kept.keeper.close()
    if kept.store is not None:
        kept.store.close()
    shutil.rmtree(kept.shelf.root, ignore_errors=True)
