import json
import time
from pathlib import Path

import pytest
import torch

import data
from data.token_lists import read_token_lists, token_batches, write_token_lists


def written(folder: Path, content: str) -> Path:
    path = folder / "lists.json"
    path.write_text(content, encoding="utf-8")
    return path


def test_lists_of_numbers_become_a_tensor(tmp_path: Path) -> None:
    tokens = data.read_token_lists(written(tmp_path, " [[1, 2, 3],\n[0, 1023, 5]]"), 1024)
    assert tokens.dtype == torch.int64
    assert tokens.shape == (2, 3)
    assert tokens.tolist() == [[1, 2, 3], [0, 1023, 5]]
    assert read_token_lists(str(tmp_path / "lists.json")).tolist() == tokens.tolist()


@pytest.mark.parametrize("rows", [[[1, 2], [3, 4], [5, 6]], torch.tensor([[1, 2], [3, 4], [5, 6]])])
def test_what_is_written_is_read_again_and_is_plain_json(
    rows: list[list[int]] | torch.Tensor, tmp_path: Path
) -> None:
    path = tmp_path / "folder" / "lists.json"
    write_token_lists(path, rows)
    write_token_lists(path, rows)
    assert path.read_text() == "[[1,2],\n[3,4],\n[5,6]]\n"
    assert json.loads(path.read_text()) == [[1, 2], [3, 4], [5, 6]]
    assert read_token_lists(path).tolist() == [[1, 2], [3, 4], [5, 6]]
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("", "is not JSON", id="empty-file"),
        pytest.param("[[1, 2], [3", "is not JSON", id="cut"),
        pytest.param("Once upon a time", "is not JSON", id="text"),
        pytest.param("[" * 100_000, "is not JSON", id="nested-for-ever"),
        pytest.param('{"a": [[1, 2]]}', "holds an object; expected a JSON list", id="object"),
        pytest.param("17", "holds a number", id="number"),
        pytest.param("null", "holds null", id="null"),
        pytest.param("[]", "holds no list at all", id="empty"),
        pytest.param("[1, 2, 3]", r"row 1 of .* is a number", id="flat"),
        pytest.param('[[1, 2], "ab"]', r"row 2 of .* is a string", id="a-string-row"),
        pytest.param("[[1, 2], [3, 4], [5]]", r"row 3 of .* has 1 tokens", id="short"),
        pytest.param("[[]]", r"row 1 of .* has 0 tokens; expected at least 2", id="no-token"),
        pytest.param(
            "[[1, 2], [3, 4, 5]]", r"row 2 of .* has 3 tokens and row 1 has 2", id="ragged"
        ),
        pytest.param("[[1, 2], [3, 4.0]]", r"row 2 of .* has 4.0 at place 2", id="float"),
        pytest.param("[[1, 1e3]]", r"row 1 of .* has 1000.0 at place 2", id="exponent"),
        pytest.param("[[1, NaN]]", "has NaN at place 2; expected whole numbers", id="nan"),
        pytest.param('[["7", 1]]', 'has "7" at place 1; expected whole numbers', id="string"),
        pytest.param("[[true, 1]]", "has true at place 1", id="bool"),
        pytest.param("[[1, null]]", "has null at place 2", id="null-entry"),
        pytest.param("[[[1, 2], [3, 4]]]", r"has \[1, 2\] at place 1", id="deeper"),
        pytest.param("[[1, 2], [-1, 3]]", r"row 2 .* has -1 at place 1; expected no neg", id="neg"),
        pytest.param("[[1, 2], [3, 1" + "0" * 30 + "]]", "has 10000000000.* at place 2", id="huge"),
        pytest.param("[[1, -1" + "0" * 30 + "]]", "has -1000000000.* at place 2", id="huge-neg"),
    ],
)
def test_anything_else_is_refused_with_the_file_and_what_was_expected(
    content: str, message: str, tmp_path: Path
) -> None:
    path = written(tmp_path, content)
    with pytest.raises(ValueError, match=message) as caught:
        read_token_lists(path)
    assert str(path) in str(caught.value)
    assert "expected" in str(caught.value)


def test_numbers_outside_the_vocabulary_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "[[1, 2], [3, 1024]]")
    assert read_token_lists(path).max() == 1024
    with pytest.raises(ValueError, match=r"row 2 .* has 1024 at place 2; .* from 0 to 1023; were"):
        read_token_lists(path, 1024)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "lists.json").write_bytes(b"\x93NUMPY\xff\xfe")
    with pytest.raises(ValueError, match="is not JSON"):
        read_token_lists(tmp_path / "lists.json")


def test_a_missing_file_and_a_folder_are_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no such file; to make .* python -m data stories"):
        read_token_lists(tmp_path / "none.json")
    with pytest.raises(IsADirectoryError, match="is a folder; name one of the JSON files"):
        read_token_lists(tmp_path)


def test_rows_that_could_not_be_read_again_are_not_written(tmp_path: Path) -> None:
    for rows in ([], [[1]], [[1, 2], [3]], [[1.5, 2]]):
        with pytest.raises(ValueError, match="rows"):
            write_token_lists(tmp_path / "lists.json", rows)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_reading_takes_not_much_longer_than_parsing(tmp_path: Path) -> None:
    generator = torch.Generator().manual_seed(0)
    tokens = torch.randint(1024, (10_000, 128), generator=generator)
    path = tmp_path / "lists.json"
    write_token_lists(path, tokens)
    ratios = []
    for _ in range(3):  # the machine may be busy, but it is for both
        start = time.process_time()
        json.loads(path.read_bytes())
        parsed = time.process_time()
        assert torch.equal(read_token_lists(path, 1024), tokens)
        ratios.append((time.process_time() - parsed) / (parsed - start))
    assert min(ratios) < 5


def test_batches_are_slices_in_order_and_the_last_may_be_short() -> None:
    tokens = torch.arange(14).reshape(7, 2)
    batches = data.token_batches(tokens, 3)
    assert len(batches) == 3
    assert [batch.shape for batch in batches] == [(3, 2), (3, 2), (1, 2)]
    assert torch.equal(torch.cat(list(batches)), tokens)
    assert torch.equal(torch.cat(list(batches)), tokens)  # a second pass is like the first
    assert next(iter(batches)).data_ptr() == tokens.data_ptr()


def test_batches_are_those_of_a_dataloader() -> None:
    tokens = torch.arange(22).reshape(11, 2)
    for size in (1, 2, 11, 20):
        loader = torch.utils.data.DataLoader(tokens, batch_size=size, shuffle=False)  # type: ignore[arg-type]
        ours = token_batches(tokens, size)
        assert len(ours) == len(loader)
        assert all(torch.equal(a, b) for a, b in zip(ours, loader, strict=True))


def test_a_count_of_full_batches_begins_again_when_the_data_is_used_up() -> None:
    tokens = torch.arange(14).reshape(7, 2)
    batches = token_batches(tokens, 3, count=5)
    assert len(batches) == 5
    firsts = [int(batch[0, 0]) for batch in batches]
    assert firsts == [0, 6, 0, 6, 0]
    assert all(batch.shape == (3, 2) for batch in batches)
    assert list(token_batches(tokens, 3, count=0)) == []
    assert [int(batch[0, 0]) for batch in token_batches(tokens, 3, count=1)] == [0]


def test_batches_draw_no_random_numbers() -> None:
    before = torch.random.get_rng_state()
    list(token_batches(torch.arange(14).reshape(7, 2), 3, count=5))
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize(
    ("shape", "batch_size", "count", "message"),
    [
        pytest.param((7, 2), 0, None, "batch_size is 0; expected at least 1", id="size"),
        pytest.param((7, 2), 3, -1, "count is -1; expected at least 0", id="count"),
        pytest.param((2, 2), 3, 1, "2 lists make no full batch of 3", id="too-few"),
        pytest.param((8,), 3, None, r"must have the shape \(N, T\); got \(8,\)", id="shape"),
    ],
)
def test_impossible_batches_are_refused(
    shape: tuple[int, ...], batch_size: int, count: int | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        token_batches(torch.zeros(shape, dtype=torch.int64), batch_size, count)
