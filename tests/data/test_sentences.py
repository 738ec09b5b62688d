import unicodedata

import pytest

from data.sentences import (
    LONGEST,
    NAMES,
    SPLITS,
    apart,
    essence,
    fits,
    normal,
    packed,
    pairs,
    sentences,
    split,
    tokenize,
)

WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("Elija Archivo ▸ Abrir.", "Elija Archivo ▸ Abrir .", id="marks"),
        pytest.param("¿Qué es «esto»?", "¿ Qué es « esto » ?", id="spanish"),
        pytest.param("don't double-click", "don't double-click", id="joined"),
        pytest.param("'quoted' -dash- end.", "' quoted ' - dash - end .", id="not joined"),
        pytest.param("1,000.5 at 10:30, then", "1,000.5 at 10:30 , then", id="numbers"),
        pytest.param("red,blue: green", "red , blue : green", id="no numbers"),
        pytest.param("index.html, 7.4.", "index.html , 7.4 .", id="names"),
        pytest.param("Wait...", "Wait . . .", id="dots"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_words_and_marks_stand_apart(text: str, words: str) -> None:
    assert " ".join(tokenize(text)) == words
    assert " ".join(tokenize(words)) == words


def test_what_looks_the_same_is_the_same() -> None:
    decomposed = unicodedata.normalize("NFD", "acción")
    assert normal(f"  {decomposed}\u00a0y\n más  ") == "acción y más"
    assert normal("the user’s “own”\u200b so\u00adft") == 'the user\'s "own" soft'  # noqa: RUF001


def test_a_paragraph_is_cut_at_marks_before_a_capital() -> None:
    assert sentences("Ábralo. ¿Está? «Sí». Vea p. ej. esto! El fin") == [
        "Ábralo.",
        "¿Está?",
        "«Sí».",
        "Vea p. ej. esto!",
        "El fin",
    ]


def test_equally_many_sentences_are_paired_one_by_one() -> None:
    found = pairs("Abra el archivo. Ciérrelo ahora.", "Open the file. Close it now.")
    assert list(found) == [
        ("Abra el archivo .", "Open the file ."),
        ("Ciérrelo ahora .", "Close it now ."),
    ]


def test_a_paragraph_with_more_sentences_in_one_language_is_left_out() -> None:
    assert list(pairs("Abra el archivo y ciérrelo.", "Open the file. Close it now.")) == []


@pytest.mark.parametrize(
    ("spanish", "english", "kept"),
    [
        pytest.param("Abra el archivo .", "Open the file .", True, id="good"),
        pytest.param("Abrir", "Open", False, id="one word"),
        pytest.param("Open the file .", "Open the file .", False, id="untranslated"),
        pytest.param("La orden Open the file .", "Open the file .", False, id="half translated"),
        pytest.param("La orden Open .", "The Open command .", True, id="a name"),
        pytest.param("a b " * 40, "c d " * 40, False, id="too long"),
        pytest.param("uno dos", " ".join(WORDS), False, id="much longer"),
        pytest.param("= SUMA ( A1 ; B2 ) da 3", "= SUM ( A1 ; B2 ) gives 3", False, id="formula"),
        pytest.param("", "", False, id="nothing"),
    ],
)
def test_only_sentences_that_translate_each_other_fit(
    spanish: str, english: str, kept: bool
) -> None:
    assert fits(spanish.split(), english.split()) is kept


def test_the_longest_sentence_fits() -> None:
    assert fits(["uno", "dos"] * (LONGEST // 2), ["one", "two"] * (LONGEST // 2))
    assert not fits(["uno", "dos"] * (LONGEST // 2) + ["."], ["one", "two"] * (LONGEST // 2))


def test_sentences_that_differ_in_case_digits_or_marks_are_the_same() -> None:
    assert essence("Text box 1 .") == essence("text BOX 23 :") == "text box"
    assert essence("text boxes") != essence("text box")


MANY = [(f"frase {a} {b}", f"sentence {a} {b}") for a in WORDS for b in WORDS]


def test_the_split_hangs_on_the_english_sentence_alone() -> None:
    splits = split(MANY)
    assert list(splits) == list(SPLITS)
    assert sorted(pair for part in splits.values() for pair in part) == sorted(MANY)
    assert {name: len(part) for name, part in splits.items()} == {"train": 83, "dev": 10, "test": 7}
    again = split((f"otra {source}", target) for source, target in reversed(MANY))
    for name, part in splits.items():
        assert [target for _, target in part] == [target for _, target in reversed(again[name])]


def test_of_repeated_english_sentences_the_first_counts() -> None:
    found = [("uno", "The same ."), ("dos", "the same :"), ("tres", "another")]
    kept = [pair for part in split(found).values() for pair in part]
    assert sorted(kept) == [("tres", "another"), ("uno", "The same .")]


def test_no_side_stands_in_two_splits() -> None:
    splits = {
        "train": [("a b", "c d"), ("E f", "g h"), ("i j", "k l"), ("m n", "o p")],
        "dev": [("q r", "K L ."), ("s t", "u v"), ("w x", "w y")],
        "test": [("e f 7", "z"), ("S t", "y")],
    }
    assert apart(splits) == {
        "train": [("a b", "c d"), ("m n", "o p")],
        "dev": [("q r", "K L ."), ("w x", "w y")],
        "test": splits["test"],
    }


def test_files_hold_one_sentence_a_line() -> None:
    contents = packed({"train": [("é a", "b"), ("c", "d")], "dev": [("e", "f")], "test": []})
    assert dict(zip(NAMES, contents, strict=True)) == {
        "train.es": "é a\nc\n".encode(),
        "train.en": b"b\nd\n",
        "dev.es": b"e\n",
        "dev.en": b"f\n",
        "test.es": b"",
        "test.en": b"",
    }
