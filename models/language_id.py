"""Question 4: the language of a word.

A recurrent network reads a word letter by letter and carries a summary of what it has read, the
hidden state. The same weights serve every letter, so words of any length fit.

Source: J. L. Elman, "Finding structure in time", Cognitive Science 14 (1990), 179-211.

Shapes: `L` letters in the longest word, `B` batch, `H` hidden.
"""

import torch
from torch import Tensor, nn


class LanguageIDModel(nn.Module):
    """Scores for five languages, from the letters of a word.

    Attributes:
        num_chars: the size of the alphabet.
        languages: the languages, in the order of the scores.
    """

    num_chars = 47
    languages = ("English", "Spanish", "Finnish", "Dutch", "Polish")

    def __init__(self) -> None:
        super().__init__()
        # BEGIN SOLUTION q4.layers: create the layers
        hidden_size = 256
        self.hidden_size = hidden_size
        self.from_letter = nn.Linear(self.num_chars, hidden_size)
        # One bias is enough for a sum of two layers.
        self.from_hidden = nn.Linear(hidden_size, hidden_size, bias=False)
        self.output = nn.Linear(hidden_size, len(self.languages))
        # END SOLUTION q4.layers

    def forward(self, xs: Tensor) -> Tensor:
        """Score every language for every word.

        Args:
            xs: one-hot letters, ``(L, B, 47) float32`` with L >= 1. A shorter word ends in
                all-zero rows.

        Returns:
            Scores, ``(B, 5) float32``: the larger, the likelier the language.
        """
        # BEGIN SOLUTION q4.scores: read the letters one by one, then score
        hidden = xs.new_zeros(xs.shape[1], self.hidden_size)  # (B, H)
        # Only the hidden state has to wait for the letter before it, so all the letters go
        # through their layer in one large product, which is faster than L small ones.
        letters = self.from_letter(xs)  # (L, B, 47) -> (L, B, H)
        # Padding is not a letter: a word that has ended keeps its summary. Without this a word
        # would be scored differently alone and in a batch with longer words.
        is_letter = (xs != 0).any(dim=-1, keepdim=True)  # (L, B, 1)
        for letter, is_there in zip(letters, is_letter, strict=True):
            read = torch.relu(letter + self.from_hidden(hidden))  # (B, H)
            hidden = torch.where(is_there, read, hidden)
        return self.output(hidden)  # (B, 5)
        # END SOLUTION q4.scores
