"""Never ends while it is imported, before any limit of a check may have begun.

checks: q6.values
"""

import re

re.match(r"(a+)+$", "a" * 64 + "b")
