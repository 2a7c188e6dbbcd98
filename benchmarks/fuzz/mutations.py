"""Changes to a valid file that keep it nearly valid: keys dropped, doubled and retyped, odd texts, numbers and bytes.

Each kind of file is taken apart as far as its structure goes (tables of TOML, lists of JSON, cells of a table, parts of
a zip and the XML in them), one thing or a few are changed, and it is put together again. What cannot be taken apart any
more is changed byte by byte. All chance comes from the generator that is given.
"""

from __future__ import annotations

import io
import json
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

from benchmarks.fuzz.odd_values import JSON_VALUES, LINES, TOML_VALUES, WORDS, XML_BITS

Change = Callable[[bytes, random.Random], bytes]


def mutate(data: bytes, kind: str, chance: random.Random) -> bytes:
    """The file with one to four changes that fit its kind; now and then one of bytes whatever the kind."""
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4))):
        change = _bytes if chance.random() < 0.1 else CHANGES[kind]
        data = change(data, chance)
    return data


def _bytes(data: bytes, chance: random.Random) -> bytes:
    if not data:
        return chance.randbytes(8)
    at, length = chance.randrange(len(data)), chance.choice((1, 1, 2, 8, 64))
    done = chance.randrange(6)
    if done == 0:  # flipped
        return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]
    if done == 1:  # cut short
        return data[:at]
    if done == 2:  # a piece lost
        return data[:at] + data[at + length :]
    if done == 3:  # a piece twice
        return data[: at + length] + data[at:]
    if done == 4:
        odd = (
            b"\xff",
            b"\x00",
            b"\xef\xbb\xbf",
            b"\xff\xfe",
            b"\xc3\x28",
            b"\xed\xa0\x80",
            b"\x1a",
            b"\r",
            b'"',
        )
        return data[:at] + chance.choice(odd) + data[at:]
    return data[:at] + chance.randbytes(length) + data[at + length :]


def _as_text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape") if _plain(text) else text.encode("utf-8", "replace")


def _plain(text: str) -> bool:
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeError:
        return False
    return True


def _lines(data: bytes, chance: random.Random) -> bytes:
    """Lines lost, doubled, swapped, made long, given other ends; a word of one replaced by an odd one."""
    lines = _as_text(data).split("\n")
    at = chance.randrange(len(lines))
    done = chance.randrange(8)
    if done == 0:
        del lines[at]
    elif done == 1:
        lines.insert(at, lines[chance.randrange(len(lines))])
    elif done == 2:
        other = chance.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    elif done == 3:
        lines[at] = lines[at] * chance.choice((2, 50, 2000)) if len(lines[at]) < 200 else lines[at] * 2
    elif done == 4:
        return _as_bytes(chance.choice(LINES).join(lines))
    elif done == 5:
        lines[at] = lines[at] + chance.choice(LINES) + chance.choice(WORDS)
    else:
        found = list(re.finditer(r"\w+|\S", lines[at]))
        if found:
            word = chance.choice(found)
            lines[at] = lines[at][: word.start()] + chance.choice(WORDS) + lines[at][word.end() :]
    return _as_bytes("\n".join(lines))


def _toml(data: bytes, chance: random.Random) -> bytes:
    """A key dropped, doubled, misspelt or given a value of another type; a table lost, doubled or moved."""
    lines = _as_text(data).split("\n")
    keys = [i for i, line in enumerate(lines) if re.match(r"\s*[\w\"'.-]+\s*=", line)]
    heads = [i for i, line in enumerate(lines) if line.lstrip().startswith("[")]
    done = chance.randrange(9)
    if done <= 3 and keys:
        at = chance.choice(keys)
        key, _, value = lines[at].partition("=")
        if done == 0:
            del lines[at]
        elif done == 1:
            lines[at] = f"{key}= {chance.choice(TOML_VALUES)}"
        elif done == 2:
            other = lines[chance.choice(keys)].partition("=")[2]
            lines[at] = f"{key}={other}"
        else:
            odd = chance.choice(WORDS).replace("\\", "\\\\").replace('"', '\\"')
            lines[at] = f'{key}= "{odd}"' if '"' in value else f"{key}={value}{odd}"
    elif done <= 6 and heads:
        at = heads.index(chance.choice(heads))
        end = heads[at + 1] if at + 1 < len(heads) else len(lines)
        table = lines[heads[at] : end]
        if done == 4:
            del lines[heads[at] : end]
        elif done == 5:
            lines[end:end] = table
        else:
            lines[heads[at]] = chance.choice(
                ("[x]", "[[x]]", f"[{table[0]}]", table[0].strip("[]"), f"{table[0][:-1]}.x]")
            )
    else:
        return _lines("\n".join(lines).encode("utf-8", "surrogateescape"), chance)
    return _as_bytes("\n".join(lines))


def _json(data: bytes, chance: random.Random) -> bytes:
    """A value somewhere in the tree dropped, doubled, or made another; nesting without end; text changed as text."""
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        return _lines(data, chance)
    if chance.random() < 0.05:
        deep = "[" * 100_000
        return _as_bytes(deep if chance.random() < 0.5 else f'{{"a": {deep}{"]" * 100_000}}}')
    places = list(_places(tree))
    if not places or chance.random() < 0.1:
        return _lines(data, chance)
    holder, at = chance.choice(places)
    done = chance.randrange(5)
    if done == 0:
        del holder[at]
    elif done == 1:
        holder[at] = chance.choice(WORDS)
    elif done == 2:
        other, there = chance.choice(places)
        holder[at] = json.loads(json.dumps(other[there]))
    else:
        holder[at] = chance.choice(JSON_VALUES)
    return _as_bytes(json.dumps(tree, ensure_ascii=chance.random() < 0.5))


def _places(tree: Any) -> Any:
    if isinstance(tree, dict | list):
        for key in list(tree) if isinstance(tree, dict) else range(len(tree)):
            yield tree, key
            yield from _places(tree[key])


def _table(data: bytes, chance: random.Random) -> bytes:
    """A cell replaced, added or dropped, a heading blank or double, other separators, quotation marks left open."""
    text = _as_text(data)
    done = chance.randrange(8)
    if done == 0:
        return _as_bytes(text.replace(",", chance.choice((";", "\t", "|", ",,")), chance.choice((1, 3, -1))))
    if done == 1:
        return text.encode(chance.choice(("utf-16", "utf-16-le", "utf-8-sig", "utf-32")), "replace")
    if done == 2:
        return data + chance.choice((b'"', b"\x00", b"\x1a", b"\n\n\n", b",", b"\xff", b"'"))
    rows = [line.split(",") for line in text.split("\n")]
    row = rows[0] if done == 3 else chance.choice(rows)
    at = chance.randrange(len(row))
    if done == 4:
        del row[at]
    elif done == 5:
        row.insert(at, chance.choice(WORDS))
    elif done == 6:
        return _lines(data, chance)
    else:
        odd = chance.choice((*WORDS, row[chance.randrange(len(row))], '"a\nb"', '"a""b"', '"a"b', "PERSON"))
        row[at] = odd
    return _as_bytes("\n".join(",".join(cells) for cells in rows))


def _zip(data: bytes, chance: random.Random) -> bytes:
    """A part of the package lost, doubled, renamed, changed in itself, or a bomb put in its place."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = [(info.filename, package.read(info)) for info in package.infolist()]
    except Exception:  # noqa: BLE001 - broken by an earlier change: then it is bytes
        return _bytes(data, chance)
    if not parts:
        return _bytes(data, chance)
    at = chance.randrange(len(parts))
    name, content = parts[at]
    done = chance.randrange(12)
    if done == 0:
        del parts[at]
    elif done == 1:
        parts[at] = (chance.choice((name.upper(), "../" + name, name + "\x00", "", parts[0][0])), content)
    elif done == 2:
        parts[at] = (name, b"")
    elif done == 3 and chance.random() < 0.2:
        parts[at] = (name, content[:200] + b" " * 30_000_000)
    else:
        parts[at] = (name, _part(name, content, chance))
    method = chance.choice((zipfile.ZIP_DEFLATED,) * 6 + (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
    made = _packed(parts, method)
    return made if chance.random() < 0.9 else _header(made, chance)


def _packed(parts: list[tuple[str, bytes]], method: int) -> bytes:
    import warnings

    made = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(made, "w", method) as package:
        warnings.simplefilter("ignore")
        for name, content in parts:
            package.writestr(zipfile.ZipInfo(name or "x", (1980, 1, 1, 0, 0, 0)), content, method)
    return made.getvalue()


def _header(data: bytes, chance: random.Random) -> bytes:
    """A field of the package's own list changed: sizes that lie, an unknown method, a password."""
    at = data.rfind(b"PK\x01\x02")
    field, form, value = chance.choice(
        (
            (8, "<H", 1),
            (10, "<H", 99),
            (10, "<H", 14),
            (16, "<I", 7),
            (20, "<I", 2**31),
            (24, "<I", 2**32 - 1),
            (42, "<I", 2**31),
            (28, "<H", 65535),
        )
    )
    return data[: at + field] + struct.pack(form, value) + data[at + field + struct.calcsize(form) :]


def _part(name: str, content: bytes, chance: random.Random) -> bytes:
    if name.endswith(".json"):
        return _json(content, chance)
    if name.endswith(".csv"):
        return _table(content, chance)
    return _xml(content, chance)


def _xml(content: bytes, chance: random.Random) -> bytes:
    """An element or an attribute's value lost, doubled or made odd; entities; tags that never close."""
    found = list(re.finditer(rb"<[^>]+>|[^<]+", content))
    if not found or chance.random() < 0.1:
        return _bytes(content, chance)
    one = chance.choice(found)
    done = chance.randrange(6)
    if done == 0:
        return content[: one.start()] + content[one.end() :]
    if done == 1:
        return content[: one.end()] + one[0] + content[one.end() :]
    if done == 2:
        return content[: one.start()] + chance.choice(XML_BITS) + content[one.start() :]
    if done == 3:
        return content[: one.start()] + chance.choice(XML_BITS) + content[one.end() :]
    values = list(re.finditer(rb'"[^"]*"|>[^<]+<', one[0] if done == 4 else content))
    if not values:
        return _bytes(content, chance)
    value = chance.choice(values)
    start = value.start() + (one.start() if done == 4 else 0)
    odd = _as_bytes(chance.choice(WORDS)).replace(b"<", b"&lt;").replace(b'"', b"&quot;")
    end = start + len(value[0])
    return content[: start + 1] + odd + content[end - 1 :]


def _page(data: bytes, chance: random.Random) -> bytes:
    return _xml(data, chance) if chance.random() < 0.5 else _lines(data, chance)


def _squeezed(data: bytes, chance: random.Random) -> bytes:
    """A gzip file whose content changed."""
    try:
        inside = zlib.decompress(data, 31)
    except zlib.error:
        return _bytes(data, chance)
    packer = zlib.compressobj(wbits=31)
    return packer.compress(_table(inside, chance)) + packer.flush()


CHANGES: dict[str, Change] = {
    "bytes": _bytes,
    "text": _lines,
    "toml": _toml,
    "json": _json,
    "table": _table,
    "zip": _zip,
    "page": _page,
    "gzip": _squeezed,
}
