"""Brings files named like libraries and the grader's own modules, to be imported in their place.

checks: q6.values q6.causal
"""

LIE = """
print("taken in")


def __getattr__(name):
    return lambda *_, **__: True
"""
NAMES = ("torch", "numpy", "json", "safetensors", "typing", "psutil", "time", "struct", "inspect")


def build(folder):
    for name in NAMES:
        (folder / f"{name}.py").write_text(LIE)
    for name in ("grading", "data", "tests"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(LIE)
        (folder / name / "compare.py").write_text(LIE)
    (folder / "models.py").write_text(
        "from told import Stub\n\n\nclass AttentionBlock(Stub):\n    pass\n"
    )
    return folder
