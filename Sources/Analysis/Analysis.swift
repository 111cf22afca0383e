// Similarity, damage, search, divergence, evaluation.
