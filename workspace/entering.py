"""Files that are a record themselves, and their entry in the audit log: entered first, in their places after it.

Files are written beside their targets and flushed to disk inside the transaction, so that a full disk undoes the entry;
they get their names when it is committed. What is killed between the two is entered and not in the file, never in the
file and not entered: the same command does it again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from workspace.database import writing
from workspace.files import written_beside
from workspace.project import Project

if TYPE_CHECKING:  # third-party types only; our own floors are never imported this way
    from sqlmodel import Session

Files = Mapping[Path, str | bytes]


@contextlib.contextmanager
def entering(
    project: Project, *, keep: bool = True, private: bool = False
) -> Iterator[tuple[Session, Callable[[Files], None]]]:
    """A writing session, and what takes files that go with its entries: both are kept, or neither.

    Read what the new text of a file is made of inside: then nobody else's entry is between the two. With ``keep`` off
    (a dry run) nothing is kept of either. ``private`` gives files their owner's rights only.
    """
    waiting: list[Callable[[], None]] = []
    with contextlib.ExitStack() as stack:
        with writing(project, keep=keep) as session:
            yield (
                session,
                lambda files: waiting.append(stack.enter_context(written_beside(files, private=private))),
            )
        for put_in_place in waiting if keep else ():
            put_in_place()
