"""What happened: conversations, turns, feedback. The only importer of SQLAlchemy."""
