"""Methods about places: chosen because they were worst, with buffers around them, or treated on some days."""
