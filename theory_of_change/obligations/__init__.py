"""Obligations: what the partnership must do by law, grant or agreement, by when, who does it, and what was done."""
