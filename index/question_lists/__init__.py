"""Lists of questions and answers that others keep (Excel, CSV, web pages) become entries of a corpus."""
