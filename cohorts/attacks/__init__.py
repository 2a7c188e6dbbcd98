"""Attacks on a partnership's own store, files and outputs, one idea a file; ``cohorts.attacks.store`` runs them."""
