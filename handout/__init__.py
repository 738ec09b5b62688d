"""The student edition: built from the solution, proved against it, and collected back."""
