"""Tasks that tests enqueue; a task must stand at the top of a module."""

from django_tasks import task

from isthmus.publications.models import JournalEntry

CALLS: list[object] = []


@task()
def note(word, times=1):
    CALLS.extend([word] * times)
    return {"noted": word}


@task()
def fail(word):
    CALLS.append(word)
    raise ValueError(f"cannot bear {word}")


@task(takes_context=True)
def attempt_number(context):
    CALLS.append(context.attempt)


@task()
def miss():
    raise JournalEntry.DoesNotExist("it was there when this was asked for")
