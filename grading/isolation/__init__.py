"""Keeps a worker away from everything but its own check: namespaces, the kernel's own rules."""
