"""The pages in a real browser: they sort, filter, open a student, and load and run nothing else."""

import pytest

from tests.classroom.report.chromium import Browser
from tests.classroom.report.hostile import WORDS, write_class, write_hostile

pytestmark = pytest.mark.slow

NAMES = "#people tbody th a"
HEAD = "#people thead th:nth-child({})"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Browser(tmp_path_factory.mktemp("browser")) as browser:
        yield browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("usual")
    write_class(out, 40)
    return out


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    out = tmp_path_factory.mktemp("odd")
    write_hostile(out)
    return out


@pytest.fixture
def page(browser, folder):
    """The page of the class; whatever a test does there, it loads and complains of nothing."""
    page = browser.open((folder / "index.html").as_uri())
    yield page
    assert all(address.startswith(folder.as_uri()) for address in page.requests())
    assert page.complaints() == []


def focused(page):
    return page.run("document.activeElement.textContent.trim()")


def column(page, number):
    return page.texts(f"#people tbody tr > :nth-child({number})")


def test_the_table_sorts_by_number_both_ways(page):
    place = 1 + page.texts("#people thead th").index("q10")
    given = column(page, place)
    page.click(HEAD.format(place) + " button")
    assert page.run(f"document.querySelector('{HEAD.format(place)}').ariaSort") == "ascending"
    upward = column(page, place)
    numbers = [float(text) for text in upward if text]
    assert numbers == sorted(numbers)
    assert len({text for text in upward if text}) > 3
    assert upward[len(numbers) :] == [""] * given.count("")
    assert "" in upward
    page.click(HEAD.format(place) + " button")
    downward = column(page, place)
    assert [float(text) for text in downward if text] == numbers[::-1]
    assert downward[-1] == ""
    sorts = page.run("[...document.querySelectorAll('th[aria-sort]')].map(e => e.ariaSort)")
    assert sorted(set(sorts)) == ["descending", "none"]
    assert sorts.count("descending") == 1


def test_the_table_sorts_by_name_as_people_do(page):
    page.click(HEAD.format(1) + " button")
    names = page.texts(NAMES)
    assert names.index("Dana Ng") < names.index("Émile Ng") < names.index("Fatima Ng")
    assert len(names) == 41


def test_the_table_is_filtered_and_says_how_many_are_left(page):
    assert page.texts("#count") == ["41 of 41 shown"]
    page.click("#filter")
    page.type("OKAF")
    shown = page.texts(NAMES)
    assert len(shown) == 10
    assert all("Okafor" in name for name in shown)
    assert page.texts("#count") == ["10 of 41 shown"]
    page.run(
        "document.getElementById('state').value = 'nothing handed in';"
        "document.getElementById('state').dispatchEvent(new Event('change'))"
    )
    assert page.texts(NAMES) == ["Émile Okafor"]
    assert page.texts("#count") == ["1 of 41 shown"]
    page.run("document.getElementById('filter').select()")
    page.type("nobody has this name")
    assert page.texts(NAMES) == []
    assert page.texts("#count") == ["0 of 41 shown"]
    assert page.run("document.getElementById('count').getAttribute('aria-live')") == "polite"


def test_a_student_opens_with_feedback_and_curves_and_closes_again(page):
    page.click("#people a[href='#student/s1005']")
    page.wait("!document.getElementById('student').hidden")
    assert page.texts("h1") == ["Fatima Ng"]
    assert page.run("document.activeElement.tagName") == "H1"
    assert page.run("document.title") == "Fatima Ng – Homework 5"  # noqa: RUF001
    assert not page.run("document.getElementById('people').checkVisibility()")
    labels = set(page.texts("#student dt"))
    assert {"Tried", "Expected", "Got", "Think"} <= labels
    trained = page.run("document.getElementById('data-s1005').textContent").count('"curve":')
    assert page.run("document.querySelectorAll('#student polyline.curve').length") == trained
    assert trained >= 2
    page.click("#student [data-jump]")
    assert page.run("location.hash") == "#student/s1005"
    assert focused(page).startswith("q1 ")
    page.run("history.back()")
    page.wait("document.getElementById('student').hidden")
    assert focused(page) == "Fatima Ng"
    assert page.run("document.title") == "Homework 5"


def test_next_follows_the_order_and_the_filter(page):
    page.click("#filter")
    page.type("Petrov")
    page.click(HEAD.format(1) + " button")
    first, second, *_ = page.texts(NAMES)
    page.click("#people tbody tr:not([hidden]) a")
    page.wait("!document.getElementById('student').hidden")
    assert page.texts("h1") == [first]
    assert page.texts("#student nav a") == ["Back to the class", f"Next: {second}"]
    page.click("#student nav a:last-child")
    page.wait(f"document.querySelector('#student h1').textContent === '{second}'")
    assert page.texts("#student nav a")[1] == f"Previous: {first}"


def test_all_of_it_works_from_the_keyboard(page):
    page.press("Tab")
    assert focused(page) == "Skip to the table of people"
    assert page.run("document.activeElement.getBoundingClientRect().left") >= 0
    page.press("Enter")
    page.press("Tab")
    assert focused(page) == "Name"
    page.press("Enter")
    assert page.run(f"document.querySelector('{HEAD.format(1)}').ariaSort") == "ascending"
    page.press(" ")
    assert page.run(f"document.querySelector('{HEAD.format(1)}').ariaSort") == "descending"
    outline = page.run("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    while page.run("document.activeElement.tagName") == "BUTTON":
        page.press("Tab")
    name = focused(page)
    assert name == page.texts(NAMES)[0]
    page.press("Enter")
    page.wait("!document.getElementById('student').hidden")
    assert page.texts("h1") == [name]


def test_every_control_and_drawing_has_a_name(page):
    tree = page.call("Accessibility.getFullAXTree")["nodes"]
    named = {"button", "link", "searchbox", "combobox", "image", "img", "region", "table"}
    found = [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in tree
        if not node.get("ignored") and node["role"]["value"] in named
    ]
    assert [role for role, name in found if not name] == []
    assert {"button", "link", "searchbox", "combobox", "image", "region", "table"} <= {
        {"img": "image"}.get(role, role) for role, _ in found
    }


@pytest.mark.parametrize("width", [pytest.param(n, id=str(n)) for n in (320, 400, 1200)])
@pytest.mark.parametrize(
    "place", [pytest.param("", id="class"), pytest.param("#student/s1005", id="student")]
)
def test_no_width_makes_the_page_itself_scroll_sideways(browser, folder, width, place):
    page = browser.open((folder / "index.html").as_uri() + place, width=width)
    assert page.run("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("dark", [pytest.param(False, id="light"), pytest.param(True, id="dark")])
def test_words_stand_out_from_what_is_behind_them(browser, folder, dark):
    page = browser.open((folder / "index.html").as_uri() + "#student/s1005", dark=dark)
    ratios = page.run(CONTRAST)
    assert len(ratios) > 20
    assert min(ratios) >= 4.5
    background = page.run("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") == (not dark)


CONTRAST = """(() => {
  const light = (colour) => {
    const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const behind = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    return colour === "rgba(0, 0, 0, 0)" ? behind(element.parentElement) : colour;
  };
  return [...document.querySelectorAll("#student *")]
    .filter((each) => [...each.childNodes].some((node) => node.nodeType === 3))
    .filter((each) => !each.closest("svg"))
    .map((each) => {
      const [a, b] = [light(getComputedStyle(each).color), light(behind(each))];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    });
})()"""


def test_a_strangers_words_neither_run_nor_become_elements(browser, odd):
    page = browser.open((odd / "index.html").as_uri(), dark=True)
    files = page.run("[...document.querySelectorAll('#people a')].map(e => e.hash)")
    assert len(files) == len(WORDS)
    for place, address in enumerate(files):
        page.run(f"location.hash = {address!r}")
        page.wait(f"location.hash === {address!r} && document.querySelector('#student h1')")
        page.wait(f"document.querySelectorAll('#student dd').length >= 1 && {place} >= 0")
        strange = "#student script, #student img, #student u, #student i, #student [onload]"
        assert page.run(f"document.querySelectorAll({strange!r}).length") == 0
        page.run(
            "document.querySelectorAll('#student *').forEach(e => e.click && e.tagName !== 'A'"
            " && e.dispatchEvent(new MouseEvent('mouseover', {bubbles: true})))"
        )
    page.run(f"location.hash = {files[0]!r}")
    page.wait("document.querySelector('#student h1')")
    assert WORDS[0] in page.texts("#student h1")
    assert WORDS[0] in page.texts("#student dd")
    assert page.run("window.hacked") is None
    assert page.complaints() == []
    assert page.requests() == [(odd / "index.html").as_uri()]


def test_a_students_own_page_draws_itself(browser, odd, folder):
    for path in [*(odd / "feedback").iterdir(), folder / "feedback" / "s1005.html"]:
        page = browser.open(path.as_uri())
        assert len(page.texts("h1")) == 1
        assert page.texts("#student h2")[-1] == "How this is marked"
        assert page.run("window.hacked") is None
        assert page.complaints() == []
        assert page.requests() == [path.as_uri()]


def test_even_markup_that_got_in_could_neither_run_nor_call_out(browser, folder):
    """The policy is the second wall; its refusals are also what the other tests would see."""
    page = browser.open((folder / "index.html").as_uri())
    page.run(
        "document.body.insertAdjacentHTML('beforeend',"
        ' \'<img src=https://example.org/x.png onerror="window.hacked = 1">'
        '<p style="background: url(https://example.org/y.png)" onclick="window.hacked = 1">\')'
    )
    page.run(
        "const s = document.createElement('script'); s.textContent = 'window.hacked = 1';"
        " document.body.append(s)"
    )
    page.run("document.querySelector('p[onclick]').click()")
    assert page.run("fetch('https://example.org').then(() => 'out', () => 'in')") == "in"
    assert page.run("window.hacked") is None
    refused = [said for said in page.complaints() if "Content Security Policy" in str(said)]
    assert len(refused) >= 4


def test_on_paper_all_is_there(browser, folder, tmp_path):
    page = browser.open((folder / "index.html").as_uri())
    page.paper(tmp_path / "class.pdf")
    assert (tmp_path / "class.pdf").read_bytes().startswith(b"%PDF")
    assert page.run("[...document.querySelectorAll('details')].every(each => each.open)")
    page.call("Emulation.setEmulatedMedia", media="print")
    assert page.texts("#tools, nav, .skip") == []
    assert len(page.texts(NAMES)) == 41


def test_a_class_of_a_thousand_opens_quickly(browser, tmp_path):
    write_class(tmp_path, 1000)
    size = (tmp_path / "index.html").stat().st_size
    assert size < 20_000_000
    page = browser.open((tmp_path / "index.html").as_uri())
    took = page.run("performance.getEntriesByType('navigation')[0].domComplete")
    assert page.texts("#count") == ["1001 of 1001 shown"]
    assert took < 10_000  # milliseconds; some 700 where nothing else runs
    sorting = page.run(
        "(() => { const from = performance.now();"
        " document.querySelector('#people thead button').click();"
        " document.body.offsetHeight; return performance.now() - from })()"
    )
    assert sorting < 5_000
    assert page.complaints() == []
