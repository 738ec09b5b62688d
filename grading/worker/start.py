"""Where a worker begins: started as a file by ``python -I``, with its settings as one argument.

Isolated mode ignores the environment, the current folder and the user's site folder, so a
``torch.py`` or ``sitecustomize.py`` beside a submission changes nothing. The examiner names the
folders to import from instead.
"""

import json
import sys


def main() -> None:
    """Read the settings, open the import path, and serve checks or run a single one."""
    settings = json.loads(sys.argv[1])
    sys.path[:0] = [settings["root"]]
    sys.path += [path for path in settings["paths"] if path not in sys.path]
    sys.dont_write_bytecode = True
    from grading.worker import child, server

    if settings["mode"] == "serve":
        server.serve(settings)
    else:
        child.run_single(settings)


if __name__ == "__main__":
    main()
