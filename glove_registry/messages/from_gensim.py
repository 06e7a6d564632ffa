"""What to write here for what gensim's KeyedVectors have and `Vectors` do not."""

# For attributes.
INSTEAD = {
    "wv": "vectors",
    "vectors": "vectors.matrix",
    "vector_size": "vectors.dimension",
    "key_to_index": "vectors.row(word)",
    "index_to_key": "vectors.tokens",
    "get_index": "vectors.row(word)",
    "get_vector": "vectors[word]",
    "word_vec": "vectors[word]",
    "has_index_for": "word in vectors",
    "most_similar_cosmul": 'vectors.analogy(a, b, c, rule="3CosMul")',
    "similar_by_word": "vectors.most_similar(word)",
    "similar_by_key": "vectors.most_similar(word)",
    "similar_by_vector": "vectors.most_similar(vector)",
    "distance": "1 - vectors.similarity(a, b)",
    "n_similarity": (
        "vectors.similarity(vectors[words].mean(axis=0), vectors[others].mean(axis=0))"
    ),
    # The mean of directions, unless pre_normalize=False is passed.
    "get_mean_vector": (
        "np.mean([vectors[word] / np.linalg.norm(vectors[word]) for word in words], "
        "axis=0)"
    ),
    "rank": "glove_registry.analysis.rank(vectors, a, b)",
    "evaluate_word_pairs": "vectors.evaluate()",
    "evaluate_word_analogies": "vectors.evaluate()",
    "save": "vectors.export(path, to=...)",
    "save_word2vec_format": 'vectors.export(path, to="word2vec")',
}

# For arguments.
ARGUMENTS = {
    "restrict_vocab": "restrict=restrict_vocab",
    "clip_end": "restrict=clip_end",
    "clip_start": "restrict=vectors.tokens[clip_start:]",
    "indexer": "glove_registry.analysis.nearest(vectors, words, approximate=True)",
    "case_insensitive": 'case="lower"',
    "dummy4unknown": 'oov="zeros"',
    "binary": 'to="word2vec-binary"',
}
