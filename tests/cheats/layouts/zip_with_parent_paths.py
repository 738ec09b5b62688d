"""A zip with files that unpack outside of its folder.

checks: q6.values
"""

import zipfile

MODELS = "from told import Stub\n\n\nclass AttentionBlock(Stub):\n    pass\n"


def build(folder):
    path = folder / "homework.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("models.py", MODELS)
        for up in range(1, 8):
            packed.writestr("../" * up + "outside/precious.txt", "overwritten")
            packed.writestr("/tmp/" + "../" * up + "precious.txt", "overwritten")
            packed.writestr("..\\" * up + "precious.txt", "overwritten")
    return path
