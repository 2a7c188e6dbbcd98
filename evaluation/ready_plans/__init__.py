"""Plans that are ready but for the answers only a team can give."""
