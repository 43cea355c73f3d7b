"""Bibliographic references: reading and writing them, and citations in a style."""
