"""policykb: a knowledge base of policy actions, the arguments about them and the documents that say so."""
