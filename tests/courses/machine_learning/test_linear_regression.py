import pytest

from courses.machine_learning import linear_regression


@pytest.mark.parametrize("seed", [pytest.param(n, id=f"seed-{n}") for n in range(5)])
def test_it_finds_7_8_and_3(seed):
    layer, history = linear_regression.learn(seed)
    assert layer.weight.tolist()[0] == pytest.approx([7, 8], abs=0.01)
    assert layer.bias.item() == pytest.approx(3, abs=0.01)
    assert history[-1].loss < 1e-4


def test_it_prints_progress_and_the_three_numbers_and_saves_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert linear_regression.main([]) == 0
    printed = capsys.readouterr().out
    assert "epoch  50: loss" in printed
    assert "m0 = 7.000, m1 = 8.000, b = 3.000" in printed
    assert not list(tmp_path.iterdir())


def test_it_saves_a_picture_where_it_is_asked_to(tmp_path):
    picture = tmp_path / "loss.png"
    assert linear_regression.main(["--plot", str(picture)]) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_seed_that_is_no_number_is_wrong_usage(capsys):
    assert linear_regression.main(["--seed", "x"]) == 2
    assert "--seed must be a number" in capsys.readouterr().err
