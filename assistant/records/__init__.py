"""What happened: conversations, gaps, entries made at the desk, staff, audit. The only importer of SQLAlchemy."""
