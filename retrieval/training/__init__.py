"""Training: pairs from local repositories, and what is learned from them; the runtime never imports this."""
