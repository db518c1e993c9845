"""The assistant: answering, records, surfaces, evaluation."""
