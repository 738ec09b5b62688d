import pytest

from data import stories, tales

BOOK = """[Tales by Somebody 1900]


I

THE RED HEN


Once there was a _little_ red hen.  She lived
near a well-
known barn.

"I am NOT lazy," said she. "VERY busy.* I'LL go."

*So the author says.

     Run, run,
       as fast as you can!

       *       *       *

[Illustration: a hen
with a pail]

ETON MONTEM.

A play.

SCENE I.

[Enter a hen.] Cluck.

             CHAPTER II
          The Barn

The barn was red.
"""


def test_a_book_becomes_chapters_of_prose_without_headings_notes_and_plays() -> None:
    assert list(tales.chapters(BOOK.replace("\n", "\r\n"))) == [
        "Once there was a little red hen. She lived near a well-known barn.\n\n"
        '"I am not lazy," said she. "Very busy. I\'ll go."\n\n'
        "Run, run, as fast as you can!",
        "The barn was red.",
    ]


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        pytest.param(
            "'Oh dear!' said Alice. 'Don't!'", '"Oh dear!" said Alice. "Don\'t!"', id="all"
        ),
        pytest.param("('--yes,' she said)", '("--yes," she said)', id="dash"),
        pytest.param(
            "the Rabbit's paws, and 'tis late", "the Rabbit's paws, and 'tis late", id="no"
        ),
    ],
)
def test_single_quotation_marks_become_double_ones(line: str, plain: str) -> None:
    assert tales.plain(line, single=True) == plain


def test_passages_are_whole_paragraphs_and_lose_nothing() -> None:
    paragraphs = [f"{number} " + "x" * (number * 37 % 700) for number in range(60)]
    paragraphs.insert(20, "long " * 600)
    chapter = "\n\n".join(paragraphs)
    cut = list(tales.passages(chapter))
    assert "\n\n".join(cut) == chapter
    assert all(len(text) <= tales.LONGEST + tales.SHORTEST or "long" in text for text in cut)
    assert all(len(text) >= tales.SHORTEST for text in cut)
    assert list(tales.passages("short")) == ["short"]
    assert list(tales.passages("y" * 9000)) == ["y" * 9000]


def test_a_chapter_trains_or_validates_with_all_its_passages() -> None:
    book = "".join(
        f"\n\nCHAPTER {number}\n\n" + "\n\n".join(f"{number}: {'a' * 500} {n}." for n in range(9))
        for number in range(60)
    )
    train, validation = map(stories.unpack, tales.from_books({"book": book.encode()}))
    parts = [{text.split(":")[0] for text in part} for part in (train, validation)]
    assert not parts[0] & parts[1]
    assert len(parts[0] | parts[1]) == 60
    assert len(parts[1]) == 3  # of 60 equally long ones, 5 %
    assert tales.from_books({"book": book.encode()}) == (
        stories.pack(train),
        stories.pack(validation),
    )
