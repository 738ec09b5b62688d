"""Copies are found through other names; what all were given, or few can avoid, is not."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from classroom.fingerprints import few
from classroom.passages import OTHER
from classroom.records import HandedIn, Mark
from classroom.similarity import Findings, find, write

ROOT = Path(__file__).resolve().parents[2]
GIVEN = '''
class AttentionBlock(nn.Module):
    """Attention."""

    def __init__(self, layer_size, block_size):
        super().__init__()
        self.layer_size = layer_size
        self.k_layer = nn.Linear(layer_size, layer_size)
        self.q_layer = nn.Linear(layer_size, layer_size)
        self.v_layer = nn.Linear(layer_size, layer_size)

    def describe(self):
        """Given, and longer than what is to be written."""
        sizes = {name: tuple(value.shape) for name, value in self.named_parameters()}
        lines = [f"{name}: {' x '.join(map(str, shape))}" for name, shape in sizes.items()]
        total = sum(value.numel() for value in self.parameters() if value.requires_grad)
        return "\\n".join([*sorted(lines), f"{total:,} numbers", f"size {self.layer_size}"])

    def forward(self, x):
        """Mix the values."""
'''
STUB = GIVEN + '        raise NotImplementedError("q6.mix")\n'
ADA = (
    GIVEN
    + """
        batch, time, channels = x.shape
        scores = torch.einsum("bqc,bkc->bqk", self.q_layer(x), self.k_layer(x))
        hidden = torch.ones(time, time, dtype=torch.bool).triu(diagonal=1)
        scores = scores.div(channels**0.5).masked_fill(hidden, float("-inf"))
        shares = scores.exp() / scores.exp().sum(dim=2, keepdim=True)
        return torch.einsum("bqk,bkc->bqc", shares, self.v_layer(x))
"""
)
COPY = (
    ADA.replace("scores", "s")
    .replace("hidden", "m")
    .replace("shares", "weights")
    .replace("        batch,", "        # all mine\n        batch,")
)
BO = (
    GIVEN
    + """
        out = []
        for sentence in x:
            rows = []
            for t in range(len(sentence)):
                query = self.q_layer(sentence[t])
                seen = sentence[: t + 1]
                logits = self.k_layer(seen) @ query / math.sqrt(self.layer_size)
                rows.append(torch.softmax(logits, 0) @ self.v_layer(seen))
            out.append(torch.stack(rows))
        return torch.stack(out)
"""
)


def submission(folder: Path, attention: str) -> Path:
    (folder / "models").mkdir(parents=True)
    (folder / "models" / "__init__.py").write_text("from models.attention import AttentionBlock\n")
    (folder / "models" / "attention.py").write_text(attention)
    return folder


@pytest.fixture
def stubs(tmp_path: Path) -> Path:
    return submission(tmp_path / "stubs", STUB)


def class_of(folder: Path, **texts: str) -> list[HandedIn]:
    return [HandedIn(who, submission(folder / who, text), who) for who, text in texts.items()]


def found_in(
    handed_in: list[HandedIn], stubs: Path, marks: list[Mark] | None = None, *older: Path
) -> Findings:
    found = find(handed_in, marks or [], stubs, older)
    assert found is not None
    return found


def test_a_copy_with_other_names_and_comments_is_found(tmp_path: Path, stubs: Path) -> None:
    found = found_in(class_of(tmp_path, ada=ADA, bo=BO, copy=COPY), stubs)
    (pair,) = found.pairs
    assert {pair.left.who, pair.right.who} == {"ada", "copy"}
    assert pair.question == "q6"
    assert min(pair.shares) > 0.95
    (group,) = found.groups
    assert group.people == ("ada", "copy")
    assert not group.many


def test_two_who_wrote_their_own_are_not_alike_for_what_both_were_given(
    tmp_path: Path, stubs: Path
) -> None:
    handed_in = class_of(tmp_path, ada=ADA, bo=BO)
    assert not found_in(handed_in, stubs).pairs
    nothing_given = submission(tmp_path / "empty", "")
    assert found_in(handed_in, nothing_given).pairs  # without the stubs, they would be


def test_half_of_a_text_that_was_copied_is_marked_where_it_stands(
    tmp_path: Path, stubs: Path
) -> None:
    half = BO.rstrip("\n").removesuffix("return torch.stack(out)") + ADA.removeprefix(GIVEN).strip()
    (pair,) = found_in(class_of(tmp_path, ada=ADA, half=half + "\n"), stubs).pairs
    marked = {
        text.who: " ".join(text.code[a:b] for a, b in slices)
        for text, slices in zip((pair.left, pair.right), pair.slices, strict=True)
    }
    assert "torch.einsum" in marked["half"]
    assert "for sentence in x" not in marked["half"]
    shares = dict(zip((pair.left.who, pair.right.who), pair.shares, strict=True))
    assert shares["ada"] > 0.9 > shares["half"]


def test_stubs_alone_are_alike_to_nobody(tmp_path: Path, stubs: Path) -> None:
    found = found_in(class_of(tmp_path, ada=STUB, bo=STUB, eve=ADA), stubs)
    assert not found.pairs
    assert not found.groups


def test_an_older_years_text_is_found_and_older_ones_are_not_compared_among_themselves(
    tmp_path: Path, stubs: Path
) -> None:
    submission(tmp_path / "2025" / "zoe", ADA)
    with zipfile.ZipFile(tmp_path / "2025" / "yan.zip", "w") as archive:
        archive.writestr("models.py", COPY)
    handed_in = class_of(tmp_path, bo=BO, copy=COPY)
    found = found_in(handed_in, stubs, [], tmp_path / "2025")
    assert {(pair.left.who, pair.right.who) for pair in found.pairs} == {
        ("copy", "2025/yan.zip"),  # it stands for zoe's as well, whose text is the same
    }
    assert (found.people, found.older) == (2, 2)


def test_what_many_share_tells_nothing_of_two_but_names_the_group(
    tmp_path: Path, stubs: Path
) -> None:
    crowd = {f"s{number}": ADA for number in range(few(10) + 1)}
    found = found_in(class_of(tmp_path, **crowd, bo=BO), stubs)
    assert not found.pairs
    (group,) = found.groups
    assert group.many
    assert set(group.people) == set(crowd)


def test_the_first_of_a_group_stands_for_all_of_it(tmp_path: Path, stubs: Path) -> None:
    crowd = {f"s{number}": BO + f"        # {number}\n" for number in range(20)}
    found = found_in(class_of(tmp_path, a=ADA, b=COPY, c=ADA, **crowd), stubs)
    assert [(pair.left.who, pair.right.who) for pair in found.pairs] == [("a", "b")]
    assert {group.people: group.many for group in found.groups} == {
        ("a", "b", "c"): False,
        tuple(sorted(crowd)): True,
    }


def test_a_file_that_is_as_it_was_given_is_not_compared(tmp_path: Path, stubs: Path) -> None:
    helper = ADA.replace("AttentionBlock", "Helper")
    (stubs / "models" / "helper.py").write_text(helper)
    handed_in = class_of(tmp_path, ada=ADA, bo=BO)
    for each in handed_in:
        (each.path / "models" / "helper.py").write_text(helper)
    assert not found_in(handed_in, stubs).pairs
    for each in handed_in:  # a helper of their own that both have is told
        (each.path / "models" / "helper.py").write_text(COPY.replace("AttentionBlock", "Mine"))
    (stubs / "models" / "helper.py").unlink()
    assert [pair.question for pair in found_in(handed_in, stubs).pairs] == [OTHER]


def test_ones_own_attempts_are_not_compared_and_the_last_one_counts(
    tmp_path: Path, stubs: Path
) -> None:
    handed_in = [
        HandedIn("ada", submission(tmp_path / "a", ADA), "ada"),
        HandedIn("ada_attempt2", submission(tmp_path / "a2", ADA), "ada", attempt=2),
        HandedIn("bo", submission(tmp_path / "b", ADA), "bo"),
        HandedIn("bo_attempt2", submission(tmp_path / "b2", BO), "bo", attempt=2),
    ]
    assert not found_in(handed_in, stubs).pairs


def test_what_a_group_handed_in_together_is_no_copy(tmp_path: Path, stubs: Path) -> None:
    (shared, *others) = class_of(tmp_path, bo=ADA, dan=BO)
    group = [replace(shared, key=f"submission_1_{who}", person=who) for who in ("bo", "cy")]
    assert not found_in([*group, *others], stubs).pairs
    copy = HandedIn("copy", submission(tmp_path / "copy", COPY), "copy")
    found = found_in([*group, *others, copy], stubs)
    (pair,) = found.pairs
    assert {pair.left.who, pair.right.who} == {"bo, cy", "copy"}
    assert [each.people for each in found.groups] == [("bo, cy", "copy")]


def test_what_cannot_be_opened_is_passed_over(tmp_path: Path, stubs: Path) -> None:
    (tmp_path / "bad.zip").write_bytes(b"PK no zip")
    handed_in = class_of(tmp_path, ada=ADA, copy=COPY)
    handed_in += [
        HandedIn("bad", tmp_path / "bad.zip", "bad"),
        HandedIn("gone", tmp_path / "gone", "gone", trouble="the folder is empty"),
    ]
    found = found_in(handed_in, stubs)
    assert found.people == 2
    assert len(found.pairs) == 1
    assert find(handed_in[:1], [], stubs, []) is None


def test_only_the_questions_that_were_graded_are_compared(tmp_path: Path, stubs: Path) -> None:
    handed_in = class_of(tmp_path, ada=ADA, copy=COPY)
    assert not found_in(handed_in, stubs, [Mark("ada", "q5")]).pairs
    assert found_in(handed_in, stubs, [Mark("ada", "q6")]).pairs


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.marked: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "mark":
            self.marked.append(data)


def test_the_page_shows_both_texts_and_loads_nothing(tmp_path: Path, stubs: Path) -> None:
    evil = ADA.replace("bqc,bkc->bqk", "</pre><script>alert(1)</script>")
    handed_in = class_of(tmp_path, ada=evil, bo=BO, copy=evil)
    path = write(tmp_path / "out", handed_in, [], stubs)
    assert path == tmp_path / "out" / "similarity.html"
    text = path.read_text(encoding="utf-8")
    page = Page()
    page.feed(text)
    assert not page.open
    assert "script" not in page.tags
    assert all(address.startswith("#pair-") for address in page.addresses)
    assert "masked_fill" in " ".join(page.marked)
    assert "self.k_layer = nn.Linear" not in " ".join(page.marked)
    assert not re.search(r"https?:", text)


def test_an_older_folder_that_is_missing_is_named(tmp_path: Path, stubs: Path) -> None:
    from grading.options import UsageError

    with pytest.raises(UsageError, match="there is no folder"):
        write(tmp_path, class_of(tmp_path, ada=ADA, bo=BO), [], stubs, [tmp_path / "2024"])
