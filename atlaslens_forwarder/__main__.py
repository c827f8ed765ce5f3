"""``python -m atlaslens_forwarder``: the same as the ``atlaslens-forwarder`` program."""

from __future__ import annotations

from atlaslens_forwarder.cli import main

if __name__ == "__main__":
    main()
