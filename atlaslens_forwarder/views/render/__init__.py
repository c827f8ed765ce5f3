"""Views as one HTML page that needs no network: tables, and charts drawn as SVG. Pure."""
