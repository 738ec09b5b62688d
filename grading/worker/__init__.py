"""The process that runs student code. It knows inputs only: no yardstick, no held-out label."""
