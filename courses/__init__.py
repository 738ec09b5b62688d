"""One folder a homework: its own commands, experiments and plots."""
