"""From a source to checked splits and token ids."""
