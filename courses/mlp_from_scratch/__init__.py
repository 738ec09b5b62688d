"""The homework on a network from scratch: its commands and experiments (q8 and q9)."""
