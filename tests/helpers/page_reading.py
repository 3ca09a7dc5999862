"""Read back what was written: pages and drawings as trees."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"
BLOCKS = {"td", "th", "dt", "dd", "p", "li", "div", "h1", "h2", "h3", "h4", "caption", "figcaption"}
VOID = {"meta", "img", "br", "link", "input", "hr"}


@dataclass
class Node:
    tag: str
    attributes: dict[str, str]
    children: list[Node | str] = field(default_factory=list)

    def all(self, tag: str) -> list[Node]:
        found = [child for child in self.children if isinstance(child, Node) and child.tag == tag]
        return found + [
            node for child in self.children if isinstance(child, Node) and child.tag != tag for node in child.all(tag)
        ]

    def everything(self) -> list[Node]:
        below = [node for child in self.children if isinstance(child, Node) for node in child.everything()]
        return [self, *below]

    def with_class(self, name: str) -> list[Node]:
        return [node for node in self.everything() if name in node.attributes.get("class", "").split()]

    @property
    def text(self) -> str:
        parts = [child if isinstance(child, str) else child.text for child in self.children if not _is_hidden(child)]
        return "".join(parts) + (" " if self.tag in BLOCKS else "")

    @property
    def words(self) -> str:
        return re.sub(r"\s+", " ", self.text).strip()


def _is_hidden(child: Node | str) -> bool:
    return isinstance(child, Node) and child.tag in {"style", "script", "svg"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.stack = [Node("root", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.stack[-1].children.append(node)
        if tag not in VOID:
            self.stack.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.stack[-1].children.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack[-1].tag == tag, f"</{tag}> closes <{self.stack[-1].tag}>"
        self.stack.pop()

    def handle_data(self, data: str) -> None:
        self.stack[-1].children.append(data)


def parse_page(html: str) -> Node:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert len(reader.stack) == 1, "an element was left open"
    return reader.stack[0]


def parse_svg(svg: str) -> ElementTree.Element:
    root = ElementTree.fromstring(svg)
    assert root.tag == SVG + "svg"
    return root


def with_class(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [element for element in root.iter() if name in element.get("class", "").split()]


def with_id_ending(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [element for element in root.iter() if re.fullmatch(rf"c[0-9a-f]{{8}}-{name}", element.get("id", ""))]


def texts(root: ElementTree.Element) -> list[str]:
    return ["".join(element.itertext()).strip() for element in root.iter(SVG + "text")]
