"""The machine learning homework (questions 1 to 7): its worked example and its language model."""
