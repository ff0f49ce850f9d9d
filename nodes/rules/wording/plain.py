"""A generated sentence as the checks read it: without Markdown, a row of a table spelled out.

A model writes **bold**, lists, tables and smileys around what it says. One place takes them off,
so that no check has to know them.
"""

import re

from nodes.rules.wording.tables import row_of, spelled_row

_LEAD = re.compile(r"^\s*(?:>\s*)?(?:#{1,6}\s+|[-*+•·]\s+)?")  # a heading, a bullet, a quotation
_EMPHASIS = re.compile(r"(\*{1,3}|_{2,3}|~~)(?=\S)(?P<said>[^*\n]{1,200}?)(?<=\S)\1")
_STRAY = re.compile(r"\*{2,3}|`{1,3}")  # a mark whose other half is in the next sentence
_SMILEY = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf\ufe0f]")


def plain(sentence: str, before: str = "") -> str:
    """Return `sentence` without Markdown; "" for the rule below a table's head.

    `before` is the answer up to the sentence: there stands the head of the table it is a row of.
    """
    if "|" in sentence:
        if row_of(sentence):
            return spelled_row(sentence, before)
        sentence = sentence.replace("|", " ")
    text = _LEAD.sub("", sentence, count=1)
    text = _STRAY.sub("", _EMPHASIS.sub(r"\g<said>", text))
    return _SMILEY.sub("", text)
