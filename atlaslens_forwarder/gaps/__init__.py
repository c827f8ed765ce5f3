"""What cannot be read, said plainly: a gap is never shown as zero."""
