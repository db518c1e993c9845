"""corpus -> snapshot -> search: reads a programme's documents, builds an immutable index and searches it."""
