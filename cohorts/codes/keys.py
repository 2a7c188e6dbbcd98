"""Codes about keys, packs and release pseudonyms."""

from __future__ import annotations

CODES: dict[str, tuple[str, str, str]] = {
    "LC838": (
        "The pack is damaged",
        "A prepared pack is not whole, was changed after it was made, is of a format this program does not read, "
        "or holds something its own mapping does not allow. Nothing of it is loaded.",
        "Ask the partner to prepare and send it again.",
    ),
    "LC839": (
        "The pack was prepared for something else",
        "A pack fits one project, one source, one version of its mapping and one purpose: to be loaded, for one round "
        "of a linkage, or to name people for one kind of request. This one was made for others.",
        "Send the partner the current mapping (lifecourse source kit) and ask for a new pack, made for what you do.",
    ),
    "LC845": (
        "The number of keys does not fit",
        "In a project of two keys the hub takes prepared packs only: it reads no partner's own file and takes no "
        "identifier, and nobody can be looked up; in a "
        "project of one key there is no link key, so packs are not taken. A hub key is no link key, nor the other "
        "way round.",
        'Look at [pseudonyms] keys in lifecourse.toml. Two keys: the partner runs "lifecourse partner '
        'prepare", and "lifecourse partner name" to name people for a request.',
    ),
    "LC846": (
        "A locked file cannot be opened or made",
        "A key, an identity or a pack is encrypted with age, and the passphrase, identity or recipient given does "
        "not do. Passphrases are asked for at the terminal or read from standard input, never from the command "
        "line.",
        "Give the right identity or passphrase; a recipient begins with age1.",
    ),
    "LC847": (
        "A key is suspected or retired",
        "Somebody marked the key as seen by others, or it was retired. Nothing is loaded or released under it.",
        "Tell your data protection officer. lifecourse key status lists the marks; key compromise --clear lifts one.",
    ),
    "LC848": (
        "The key cannot be changed",
        "Tokens cannot be turned into tokens of another key: somebody must derive them again, from identifiers or "
        "from link tokens, for every person held and those they are related to.",
        "Give the vault, or packs supplied again for everybody; otherwise begin a new project with a new key.",
    ),
    "LC849": (
        "The vault cannot be used",
        "The vault is missing, belongs to another project or key, or there is nothing in it under what was asked.",
        "Check the file named, and lifecourse key status.",
    ),
}
