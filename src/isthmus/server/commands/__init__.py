"""One module a command: `add` declares what can be typed, `run` does it. Django is loaded inside `run` alone."""

from isthmus.server.commands import (
    backup,
    bench,
    chronology,
    doctor,
    edition,
    export,
    imports,
    index,
    init,
    mail,
    restore,
    search,
    serve,
    user,
    worker,
)

ADD = (
    init.add, serve.add, worker.add, imports.add, search.add, index.add, edition.add, mail.add, user.add,
    chronology.add, doctor.add, backup.add, restore.add, export.add, bench.add,
)  # fmt: skip
