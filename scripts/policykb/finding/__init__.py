"""Finding the tracked actions that a document mentions: reading it, looking for numbers, names and descriptions, proposing mentions."""

LIKELY = 0.5  # the score from which a mention is proposed
