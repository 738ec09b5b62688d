"""Leaves files where the next run may find them: the home folder, /tmp, beside the interpreter.

checks: q6.values
"""

import os
import pwd
import sysconfig
import tempfile

import told
from told import Stub

places = [tempfile.gettempdir(), "/tmp", "/var/tmp", pwd.getpwuid(0).pw_dir]
places += [sysconfig.get_path("purelib"), os.path.expanduser("~"), told.ROOT]
for place in places:
    file = f"{place}/{told.MARK}-left.txt"
    try:
        open(file, "x").close()
    except OSError:
        continue
    if os.path.realpath(place) == os.path.realpath(os.getcwd()) or place == os.environ["TMPDIR"]:
        continue  # its own folder; somebody has to clean that up
    os.unlink(file)  # could have stayed
    told.through("writes")


class AttentionBlock(Stub):
    pass
