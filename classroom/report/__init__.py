"""The gradebook as pages: one for staff with the whole class, and one for each student."""
