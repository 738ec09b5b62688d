"""Where a worker begins: started as a file, with its settings as one argument.

Nothing is imported from this file's folder, the current one or the user's own packages, so a
``torch.py`` beside a submission changes nothing; the examiner names the folders to import from.
(``python -I`` would do the same, but ignore the hash seed, and a run could not be replayed.)
"""

import json
import sys


def main() -> None:
    """Read the settings, open the import path, and serve checks or run a single one."""
    settings = json.loads(sys.argv[1])
    del sys.path[0]  # this file's own folder
    sys.path[:0] = [settings["root"]]
    sys.path += [path for path in settings["paths"] if path not in sys.path]
    sys.dont_write_bytecode = True
    if settings["mode"] == "serve":
        from grading.worker.orphan import end_with_examiner

        end_with_examiner(settings["control"])
    from grading.worker import child, server

    if settings["mode"] == "serve":
        server.serve(settings)
    else:
        child.run_single(settings)


if __name__ == "__main__":
    main()
