"""Web pages whose writers left out end tags, as HTML allows: `<li>` ends the one before."""

from typing import Any

from bs4 import BeautifulSoup, Tag

_ITEMS = {"dt", "dd"}
_CELLS = {"td", "th"}
_GROUPS = {"thead", "tbody", "tfoot"}
_BLOCKS = {"address", "article", "aside", "blockquote", "details", "div", "dl", "fieldset"}
_BLOCKS |= {"figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main"}
_BLOCKS |= {"nav", "ol", "p", "pre", "section", "table", "ul"}
_CLOSES = {  # what begins -> what it ends, and what it does not reach out of
    "li": ({"li"}, {"ul", "ol", "menu", "table"}),
    **dict.fromkeys(_ITEMS, (_ITEMS, {"dl", "table"})),
    **dict.fromkeys(_CELLS, (_CELLS, {"tr", "table"})),
    "tr": ({"tr"}, {"table"}),
    **dict.fromkeys(_GROUPS, (_GROUPS, {"table"})),
    **dict.fromkeys(_BLOCKS, ({"p"}, {"td", "th", "caption", "table", "button"})),
}
_MOST = 40  # open tags that are looked at: deeper ones would cost ever more


class Page(BeautifulSoup):
    """A page in which every start tag first ends what it implies to be at its end."""

    def handle_starttag(self, name: str, *rest: Any, **more: Any) -> Tag | None:  # noqa: ANN401 as bs4 has it
        """Begin a tag."""
        ended, bounds = _CLOSES.get(name, (set(), set()))
        if any(self.open_tag_counter.get(one) for one in ended):
            for tag in reversed(self.tagStack[-_MOST:]):
                if tag.name in bounds:
                    break
                if tag.name in ended:
                    self.handle_endtag(tag.name)
                    break
        return super().handle_starttag(name, *rest, **more)
