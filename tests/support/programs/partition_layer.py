"""Make layers of Keras 2 whose variables are partitioned among parameter servers.

Print, as JSON, the shapes of the parts by partitioner, and whether the rows are right.
"""

import json
import socket

import numpy as np
import tensorflow as tf
import tf_keras

import glove_registry


def find_port() -> int:
    """Return a port of this machine that is free."""
    with socket.socket() as server:
        server.bind(("localhost", 0))
        port: int = server.getsockname()[1]
    return port


cluster = tf.train.ClusterSpec(
    {
        job: [f"localhost:{find_port()}" for _ in range(count)]
        for job, count in (("worker", 1), ("ps", 2))
    }
)
for job in cluster.jobs:
    for task in cluster.task_indices(job):
        tf.distribute.Server(cluster, job_name=job, task_index=task)
resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
    cluster, rpc_layer="grpc"
)
vectors = glove_registry.load("glove.6B.50d-first10k")
words = ["", *vectors.tokens[:98], "no-such-word"]
expected = vectors.embedding_matrix(words, oov="normal")
partitioners = tf.distribute.experimental.partitioners
found = {}
for name, partitioner in {
    "whole": None,
    "fixed": partitioners.FixedShardsPartitioner(2),
    "smallest": partitioners.MinSizePartitioner(min_shard_bytes=1000, max_shards=3),
}.items():
    strategy = tf.distribute.ParameterServerStrategy(resolver, partitioner)
    with strategy.scope():
        layer = vectors.to_keras_layer(words, True, oov="normal", keras=tf_keras)
        partly = vectors.to_keras_layer(words, "misses", oov="normal", keras=tf_keras)
    parts = getattr(layer.embeddings, "variables", [layer.embeddings])
    rows = np.concatenate([part.numpy() for part in parts])
    sum_ = partly(np.arange(len(words))[np.newaxis])[0].numpy()
    found[name] = [
        [part.shape[0] for part in parts],
        bool((rows == expected).all()),
        bool((sum_ == expected).all()),
    ]
print(json.dumps(found))
