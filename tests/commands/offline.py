"""The program with every call out refused: ``python -m tests.commands.offline`` in the place of ``python -m cli``.

What was tried is written into the file that ``LIFECOURSE_TRIED`` names, one event a line.
"""

from __future__ import annotations

import os
import sys

REFUSED = frozenset(
    {
        "socket.connect",
        "socket.bind",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.sendto",
        "socket.sendmsg",
    }
)


def refuse(event: str, _given: object) -> None:
    """Note a call out, and let it fail."""
    if event in REFUSED:
        with open(os.environ["LIFECOURSE_TRIED"], "a", encoding="utf-8") as file:
            file.write(f"{event}\n")
        raise OSError("no command may call out")


if __name__ == "__main__":
    sys.addaudithook(refuse)
    import cli

    cli.main()
