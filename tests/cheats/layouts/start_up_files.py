"""Brings files that Python or pytest read on their own: sitecustomize, .pth, conftest, pyvenv.cfg.

checks: q6.values q6.causal
"""

LIE = "import os\nos._exit(0)\n"


def build(folder):
    for name in ("sitecustomize.py", "usercustomize.py", "conftest.py", "__init__.py"):
        (folder / name).write_text(LIE)
    (folder / "all.pth").write_text("import os; os._exit(0)\n")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --co\n")
    (folder / "models.py").write_text(
        "from told import Stub\n\n\nclass AttentionBlock(Stub):\n    pass\n"
    )
    return folder
