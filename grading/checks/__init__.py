"""The checks, one file a question; importing a file registers what it declares."""
