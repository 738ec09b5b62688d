"""A zip that holds the same names twice, in other letters and other forms.

checks: q6.values
"""

import warnings
import zipfile

MODELS = "from told import Stub\n\n\nclass AttentionBlock(Stub):\n    pass\n"


def build(folder):
    path = folder / "homework.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        warnings.simplefilter("ignore")
        for name in ("models.py", "models.py", "Models.py", "./models.py", "models.py/models.py"):
            packed.writestr(name, MODELS)
        for number in range(700):
            packed.writestr(f"__pycache__/{number}.py", "x" * 1000)
    return path
