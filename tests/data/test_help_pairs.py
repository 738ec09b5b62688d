import pytest

from data.help_pairs import ENGLISH, SPANISH, from_help, page_pairs, paragraphs

PAGE = """<!DOCTYPE html><html><body><header><p id="menu">Help of the menu</p></header>
<div id="DisplayArea">{}</div><div id="DEBUG"><p id="bug">Not a text</p></div></body></html>"""


def page(**texts: str) -> str:
    return PAGE.format("".join(f'<p id="{name}">{text}</p>\n' for name, text in texts.items()))


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        pytest.param("the <span class='emph'>Save</span> icon", "the Save icon", id="span"),
        pytest.param("a &lt; b &amp; c&nbsp;d", "a < b & c\u00a0d", id="entities"),
        pytest.param("one<br>two<img src='x.png' alt='Icon'>", "one two ", id="break"),
        pytest.param("see <a href='x.html'>Fields</a>", "see Fields", id="link"),
        pytest.param(
            "press <span id='s' class='switchinline'><span hidden='true' class='MAC'>Command</span>"
            "<span hidden='true' id='default'>Ctrl</span></span>+C",
            "press Ctrl+C",
            id="system",
        ),
        pytest.param(
            "<span hidden class='WIN'>in <span class='emph'>one</span> system</span>", "", id="only"
        ),
    ],
)
def test_a_paragraph_is_its_text_without_markup(markup: str, text: str) -> None:
    assert paragraphs(page(par_1=markup)) == {"par_1": text}


def test_code_and_what_has_no_id_are_no_paragraphs() -> None:
    body = '<p>no id</p><p id="c" class="code">x = 1</p><pre id="p">y</pre><h2 id="h">Yes</h2>'
    assert paragraphs(PAGE.format(body)) == {"h": "Yes"}


def test_of_one_id_the_first_paragraph_counts() -> None:
    assert paragraphs(PAGE.format('<p id="a">one</p><p id="a">two</p>')) == {"a": "one"}


def test_paragraphs_of_one_id_translate_each_other() -> None:
    spanish = page(b="Cierre el archivo.", a="Abra el archivo. Véalo ahora.", d="Sin pareja aquí.")
    english = page(a="Open the file. See it now.", b="Close the file.", c="Nothing like it.")
    assert list(page_pairs(spanish, english)) == [
        ("Abra el archivo .", "Open the file ."),
        ("Véalo ahora .", "See it now ."),
        ("Cierre el archivo .", "Close the file ."),
    ]


def test_pages_of_one_name_belong_together() -> None:
    contents = {
        ENGLISH + "b.html": page(a="Close the file."),
        ENGLISH + "a.html": page(a="Open the file.", b="Open the file!"),
        ENGLISH + "c.html": page(a="No such page."),
        ENGLISH + "a.js": "no page",
        SPANISH + "a.html": page(a="Abra el archivo.", b="¡Abra el archivo!"),
        SPANISH + "b.html": page(a="Cierre el archivo."),
        SPANISH + "a.js": "no page",
    }
    files = from_help({name: text.encode() for name, text in contents.items()})
    spanish = "".join(content.decode() for content in files[::2]).splitlines()
    english = "".join(content.decode() for content in files[1::2]).splitlines()
    assert sorted(zip(spanish, english, strict=True)) == [
        ("Abra el archivo .", "Open the file ."),
        ("Cierre el archivo .", "Close the file ."),
    ]
