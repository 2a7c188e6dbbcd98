"""What Lifecourse rests on: licences, pins, files, what loads what, and whether anything calls out."""
