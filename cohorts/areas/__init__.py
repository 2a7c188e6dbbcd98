"""Area series: counts and rates of places by period, definition and source, and whom they may be shown to."""
