"""REDCap projects read as sources."""
