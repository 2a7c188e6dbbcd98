"""Attacks on tables that the gate let out."""
