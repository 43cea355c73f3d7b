"""The commands, one module a family: each parses options, calls one function and prints."""
