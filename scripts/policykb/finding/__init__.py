"""Finding the tracked actions that a document mentions: reading it, looking for numbers, names and descriptions, proposing mentions."""
