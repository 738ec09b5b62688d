"""How a run is told: on the terminal, in windows, and in the files that course sites read."""
