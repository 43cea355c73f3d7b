"""The rules that records, the whole knowledge base and the texts of documents must pass."""
