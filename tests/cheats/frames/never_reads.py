"""Says "ready" at once and never reads, so that the examiner waits to be heard.

checks: q6.values q1.learns
"""

import time

from told import frame, write_everywhere

write_everywhere(frame("ready"))
time.sleep(120)
