"""A zip with links: one to the root folder, and a file that goes through it.

checks: q6.values
"""

import stat
import zipfile

MODELS = "from told import Stub\n\n\nclass AttentionBlock(Stub):\n    pass\n"


def build(folder):
    path = folder / "homework.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("models.py", MODELS)
        for name, target in (("way", "/"), ("losses.py", "/etc/passwd")):
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (stat.S_IFLNK | 0o777) << 16
            packed.writestr(entry, target)
        packed.writestr("way/tmp/left-by-a-cheat.txt", "left")
    return path
