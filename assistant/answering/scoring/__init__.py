"""Evidence -> probabilities: a few named, language-neutral features and fitted linear heads."""
