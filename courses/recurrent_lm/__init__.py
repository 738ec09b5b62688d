"""The third homework: a recurrent language model with self-attention (q10)."""
