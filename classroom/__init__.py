"""A whole class: many submissions, many machines, one gradebook."""
