"""Writes 2 GiB into its folder, in files of 128 MiB, and leaves them there.

checks: q6.values
neighbour: yes
"""

from told import Stub


class AttentionBlock(Stub):
    def forward(self, x):
        for number in range(16):
            try:
                with open(f"large{number}", "wb") as file:
                    for _ in range(128):
                        file.write(bytes(1 << 20))
            except OSError:
                break
        return x
