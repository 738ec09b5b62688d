"""A zip whose directory gives other sizes and sums than its files have.

checks: q6.values
"""

import zipfile

MODELS = "from told import Stub\n\n\nclass AttentionBlock(Stub):\n    pass\n"


def build(folder):
    path = folder / "homework.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("models.py", MODELS)
        packed.writestr("train.py", b"#" * 5000)
        for entry in packed.infolist():
            entry.file_size, entry.CRC = 10, 0
    return path
