"""The desk: look up, take over, close gaps. Joins the records with answering; pages are in `surfaces/desk`."""
