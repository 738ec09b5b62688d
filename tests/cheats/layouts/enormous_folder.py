"""A folder with a file of 200 MiB, a line of 20 MiB and a thousand more files.

checks: q6.values q6.causal
"""


def build(folder):
    (folder / "models.py").write_text("x = 1" + "+1" * 1_000_000)
    (folder / "losses.py").write_text("(" * 100_000)
    with (folder / "train.py").open("wb") as file:
        file.truncate(200 << 20)
    (folder / "more").mkdir()
    for number in range(1000):
        (folder / "more" / f"{number}.py").touch()
    return folder
