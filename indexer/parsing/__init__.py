"""From a file's bytes to its definitions and pieces: decoding, secrets, grammars, cuts."""
