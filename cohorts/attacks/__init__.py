"""Attacks on a partnership's own store, files and outputs, one idea a file; ``cohorts.attack_store`` runs them."""
