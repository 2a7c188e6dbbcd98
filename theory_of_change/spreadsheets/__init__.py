"""A theory in an Excel workbook and back: drop-downs, locked ids, every fault with its cell."""
