"""Measures retrieval, decisions, answers, attacks and speed; every figure in a text comes from here."""
