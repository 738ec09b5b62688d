"""Zips within a zip, each of which unpacks to more than itself.

checks: q6.values
"""

import io
import zipfile

MODELS = "from told import Stub\n\n\nclass AttentionBlock(Stub):\n    pass\n"


def build(folder):
    path = folder / "homework.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        content = bytes(1 << 24)
        for _ in range(4):
            inner = io.BytesIO()
            with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as nested:
                nested.writestr("train.py", content)
            content = inner.getvalue()
        packed.writestr("train.zip", content)
        packed.writestr("models.py", MODELS)
    return path
