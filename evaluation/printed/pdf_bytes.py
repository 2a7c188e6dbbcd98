"""A PDF as a browser wrote it, made the same each time, and whether screen readers can follow it (pure)."""

from __future__ import annotations

import re

DATED = re.compile(rb"/(CreationDate|ModDate) \(D:(\d{14})")
MAKER = re.compile(rb"/(Creator|Producer) \(((?:[^()\\]|\\.|\([^()]*\))*)\)")
NO_TIME = b"20000101000000"
PROGRAM = b"Lifecourse"


def settled(pdf: bytes) -> bytes:
    """The PDF without its times and without what it says of the machine; every byte stays in its place.

    The offsets that a PDF is read by stay right, because each text is replaced by one of the same length.
    """
    timeless = DATED.sub(lambda found: b"/" + found[1] + b" (D:" + NO_TIME, pdf)
    return MAKER.sub(
        lambda found: b"/" + found[1] + b" (" + PROGRAM.ljust(len(found[2]))[: len(found[2])] + b")", timeless
    )


def is_tagged(pdf: bytes) -> bool:
    """Whether the PDF says what is a heading, a table or a picture, and in which language it is."""
    return pdf.startswith(b"%PDF-") and all(
        mark in pdf for mark in (b"/MarkInfo", b"/Marked true", b"/StructTreeRoot", b"/Lang (en-GB)")
    )
