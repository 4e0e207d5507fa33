"""Rerankers that read code: a cross-encoder, and a language model behind an endpoint."""
