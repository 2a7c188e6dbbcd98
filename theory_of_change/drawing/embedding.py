"""A drawing of matplotlib made fit to stand in a page: nothing in it that would leak into the page (pure)."""

from __future__ import annotations

from xml.etree import ElementTree

SVG = "http://www.w3.org/2000/svg"
XLINK = "{http://www.w3.org/1999/xlink}href"
FAMILY = "Arial, Helvetica, sans-serif"


def embeddable(drawn: str, title: str, prefix: str, said: str) -> str:
    """Free a drawing of styles, classes, metadata, fixed sizes and shared ids.

    Parameters
    ----------
    title, said
        Its name, and what it shows in words: for whoever does not see it.
    prefix
        What its ids begin with, so that two drawings of a page share none.
    """
    ElementTree.register_namespace("", SVG)
    root = ElementTree.fromstring(drawn)  # noqa: S314  (our own drawing, made a line ago)
    for parent in list(root.iter()):
        for child in [c for c in parent if c.tag in (f"{{{SVG}}}metadata", f"{{{SVG}}}style")]:
            parent.remove(child)
    for element in root.iter():
        _own_attributes(element, prefix)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.set("role", "img")
    root.set("aria-labelledby", f"{prefix}-title")
    root.set("aria-describedby", f"{prefix}-desc")
    for place, (name, text) in enumerate((("title", title), ("desc", said))):
        label = ElementTree.Element(f"{{{SVG}}}{name}", {"id": f"{prefix}-{name}"})
        label.text = printable(text)
        root.insert(place, label)
    return ElementTree.tostring(root, encoding="unicode")


def printable(text: str) -> str:
    """A text without signs that no page can hold."""
    return "".join(sign for sign in text if sign.isprintable())


def _own_attributes(element: ElementTree.Element, prefix: str) -> None:
    """Styles become presentation attributes; ids and what points at them get the drawing's own prefix."""
    for declaration in element.attrib.pop("style", "").split(";"):
        name, _, value = declaration.partition(":")
        if name.strip() and name.strip() != "font":
            element.set(name.strip(), value.strip())
        elif value:
            _own_font(element, value)
    element.attrib.pop("class", None)
    if "font-family" in element.attrib:
        element.set("font-family", FAMILY)
    if "id" in element.attrib:
        element.set("id", f"{prefix}-{element.attrib['id']}")
    if XLINK in element.attrib:
        element.set("href", element.attrib.pop(XLINK).replace("#", f"#{prefix}-"))
    for name, value in element.attrib.items():
        if "url(#" in value:
            element.set(name, value.replace("url(#", f"url(#{prefix}-"))


def _own_font(element: ElementTree.Element, shorthand: str) -> None:
    """The ``font`` shorthand is CSS only: its weight and size as attributes."""
    element.set("font-family", FAMILY)
    for word in shorthand.split():
        if word.endswith("px"):
            element.set("font-size", word)
        elif word in ("bold", "700"):
            element.set("font-weight", "bold")
