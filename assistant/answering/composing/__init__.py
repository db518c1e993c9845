"""From a decision to a draft: one file a mode."""
