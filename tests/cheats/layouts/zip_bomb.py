"""A zip of a megabyte that unpacks to a gigabyte.

checks: q6.values
"""

import zipfile

MODELS = "from told import Stub\n\n\nclass AttentionBlock(Stub):\n    pass\n"


def build(folder):
    path = folder / "homework.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("models.py", MODELS)
        with packed.open("train.py", "w") as file:
            for _ in range(1024):
                file.write(bytes(1 << 20))
    return path
