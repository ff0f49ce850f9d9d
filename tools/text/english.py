"""English as it is typed in a chat, written as entries write it.

Sentence models hear "whats ur return policy" and "What is your return policy?" as two things: by
vectors the second is much nearer to entries, which are printed with capitals and whole words.
"""

import re

_WRITTEN = {
    **{"i": "I", "u": "you", "ur": "your", "r": "are", "n": "and", "hw": "how", "ppl": "people"},
    **{"pls": "please", "plz": "please", "thru": "through", "bc": "because", "cuz": "because"},
    **{"wanna": "want to", "gonna": "going to", "gotta": "have to", "gimme": "give me"},
    **{"lemme": "let me", "dunno": "do not know", "idk": "I do not know", "kinda": "kind of"},
    **{"wont": "won't", "cant": "can't", "dont": "don't", "doesnt": "doesn't", "didnt": "didn't"},
    **{"isnt": "isn't", "arent": "aren't", "wasnt": "wasn't", "havent": "haven't"},
    **{"hasnt": "hasn't", "couldnt": "couldn't", "wouldnt": "wouldn't"},
    **{"im": "I am", "ive": "I have", "thats": "that is", "theres": "there is", "whos": "who is"},
    **{"whats": "what is", "wheres": "where is", "hows": "how is", "whens": "when is"},
    **{"wut": "what", "abt": "about", "b4": "before", "tmrw": "tomorrow", "rn": "right now"},
    **{"sth": "something", "smth": "something", "acct": "account", "msg": "message"},
    # what is most often mistyped of what customers ask about
    **{"cansel": "cancel", "cancle": "cancel", "subscripton": "subscription"},
    **{"recieve": "receive", "recieved": "received", "reciept": "receipt", "adress": "address"},
    **{"warrenty": "warranty", "waranty": "warranty", "garantee": "guarantee"},
    **{"delivary": "delivery", "delivry": "delivery", "shiping": "shipping", "acount": "account"},
    **{"vaccum": "vacuum", "vacum": "vacuum", "instalation": "installation", "refunf": "refund"},
}
_SLANG = re.compile(
    rf"(?<![\w'’.@/-])(?:{'|'.join(sorted(_WRITTEN, key=len, reverse=True))})(?![\w'’@/-]|\.\w)"
)
_IS = re.compile(r"\b(what|where|when|how|who|why|that|there)['’]s\b", re.IGNORECASE)
_ASIDE = re.compile(r"[\s,]*\b(?:lol|lmao|haha+|omg|tbh|btw)\b[\s,]*", re.IGNORECASE)
_ASKS = re.compile(
    r"(?:(?:and|so|but|then|also|hi|hello|hey|ok|okay|please),? )*"
    r"(?:how|what|when|where|why|which|who|can|could|is|are|do|does|did|will|would|should|may|am)\b",
    re.IGNORECASE,
)
_SHOUTED = 0.8  # share of capitals among the letters


def written(text: str) -> str:
    """Return an English message as it would be printed; codes and a lone word stay as they are."""
    words = text.split()
    if len(words) < 2:
        return text
    letters = [char for char in text if char.isalpha()]
    if len(words) > 2 and sum(map(str.isupper, letters)) > _SHOUTED * len(letters):
        text = " ".join(w if any(map(str.isdigit, w)) else w.lower() for w in words)
    text = _ASIDE.sub(" ", text).strip() or text
    text = _SLANG.sub(lambda word: _WRITTEN[word[0]], _decapitalised(text))
    text = _IS.sub(r"\1 is", text)
    if _ASKS.match(text) and text[-1].isalnum():
        text += "?"
    return text[:1].upper() + text[1:]


def _decapitalised(text: str) -> str:
    """Return `text` with a small first letter if its first word is one word: Whats, not S20."""
    first = text.split(maxsplit=1)[0]
    return first.lower() + text[len(first) :] if first.lower() in _WRITTEN else text
