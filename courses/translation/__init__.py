"""Translation from Spanish to English (q11): the commands of the fourth homework."""
